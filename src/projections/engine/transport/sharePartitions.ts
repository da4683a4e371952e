import { nextBeat } from "../../../platform/beat.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Running } from "../builds/followBuilds.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { Timing } from "../timing.ts";
import type { PartitionWorkers } from "./partitionWorkers.ts";

/**
 * Shares partitions, of a build or of the shared queues, evenly among the worker processes that are alive. BullMQ alone does not: a worker
 * that ends a job takes the next one in the same step, so a queue that never runs empty stays with whoever had it first (seen with 6.7:
 * 52 jobs to 0). Nothing relies on the shares: while two processes disagree, both or neither take a partition for a moment.
 */
export function sharePartitions(
  dependencies: {
    readonly catalog: Pick<BuildCatalog, "join" | "leave">;
    /** Of this process, unlike any other's. */
    readonly member: string;
    readonly timing: Pick<Timing, "lease">;
    readonly logger: Logger;
  },
  group: { readonly name: string; readonly partitions: () => number },
  workers: PartitionWorkers,
): Running & {
  /** Takes the share of a number of partitions that has changed. */
  look(): void;
} {
  const { catalog, member, timing, logger } = dependencies;
  let members: readonly string[] = [member];
  let isKnown = false;
  const look = () => {
    if (isKnown && !workers.ended.aborted) workers.serve(shareOf(member, members, group.partitions()));
  };
  const sharing = (async () => {
    while (!workers.ended.aborted) {
      try {
        members = await catalog.join(group, member, timing.lease);
        isKnown = true;
        look();
      } catch (error) {
        logger.debug({ err: error, of: group.name }, "cannot ask who else works; the share stays");
      }
      await nextBeat(timing.lease / 4, workers.ended);
    }
    await catalog.leave(group, member).catch(() => undefined);
  })();
  return {
    look,
    async close() {
      await workers.close();
      await sharing;
    },
  };
}

/** Every n-th partition, for the place of `member` among the n members. */
export function shareOf(member: string, members: readonly string[], partitions: number): ReadonlySet<number> {
  const place = Math.max(0, members.indexOf(member));
  const count = Math.max(1, members.length);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return new Set(all.filter((partition) => partition % count === place % count));
}
