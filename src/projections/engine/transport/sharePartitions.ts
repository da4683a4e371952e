import { nextBeat } from "../../../platform/beat.ts";
import type { Logger } from "../../../platform/logger.ts";
import { createBell } from "../bell.ts";
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
  shared: {
    readonly partitions: () => number;
    /** What whoever works at a partition is a member of. */
    readonly groupOf: (partition: number) => string;
  },
  workers: PartitionWorkers,
): Running & {
  /** Takes the share of a number of partitions that has changed. */
  look(): void;
} {
  const { catalog, member, timing, logger } = dependencies;
  const bell = createBell();
  workers.ended.addEventListener("abort", bell.ring, { once: true });
  const groups = new Set<string>();
  const takeShare = async () => {
    const partitions = Array.from({ length: shared.partitions() }, (_, partition) => partition);
    for (const partition of partitions) groups.add(shared.groupOf(partition));
    const join = async (name: string) => [name, await catalog.join({ name }, member, timing.lease)] as const;
    const members = new Map(await Promise.all([...groups].map(join)));
    const isOwn = (partition: number) =>
      shareOf(member, members.get(shared.groupOf(partition)) ?? [], partitions.length).has(partition);
    workers.serve(new Set(partitions.filter(isOwn)));
  };
  const sharing = (async () => {
    while (!workers.ended.aborted) {
      await takeShare().catch((error: unknown) =>
        logger.debug({ err: error, of: [...groups] }, "cannot ask who else works; the share stays"),
      );
      await Promise.race([nextBeat(timing.lease / 4, workers.ended), bell.wait(timing.lease)]);
    }
    await Promise.all([...groups].map((name) => catalog.leave({ name }, member).catch(() => undefined)));
  })();
  return {
    look: bell.ring,
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
