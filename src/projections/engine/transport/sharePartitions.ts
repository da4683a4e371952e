import { nextBeat } from "../../../platform/beat.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Running } from "../builds/followBuilds.ts";
import type { BuildPlace } from "../core/build.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { Timing } from "../timing.ts";
import type { PartitionWorkers } from "./partitionWorkers.ts";

/**
 * Shares the partitions of a build evenly among the worker processes that are alive. BullMQ alone does not: a worker that ends a
 * job takes the next one in the same step, so a queue that never runs empty stays with whoever had it first (seen with 6.7:
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
  build: BuildPlace,
  workers: PartitionWorkers,
): Running {
  const { catalog, member, timing, logger } = dependencies;
  const sharing = (async () => {
    while (!workers.ended.aborted) {
      try {
        workers.serve(shareOf(member, await catalog.join(build, member, timing.lease), build.partitions));
      } catch (error) {
        logger.debug({ err: error, build: build.name }, "cannot ask who else works on the build; the share stays");
      }
      await nextBeat(timing.lease / 4, workers.ended);
    }
    await catalog.leave(build, member).catch(() => undefined);
  })();
  return {
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
