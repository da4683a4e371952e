import type { Logger } from "../../../platform/logger.ts";
import { nextTick } from "../../../platform/tick.ts";
import type { Running } from "../builds/followBuilds.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { Timing } from "../timing.ts";
import type { PartitionWorkers } from "./partitionWorkers.ts";

/**
 * Divides partitions, of a build or of the shared queues, evenly among the live worker processes. BullMQ alone does
 * not: a worker that ends a job takes the next one in the same step, so a queue that is never empty stays with its
 * first worker (seen with 6.7: 52 jobs to 0). Correctness does not depend on the shares: while two processes disagree,
 * both or neither take a partition for a moment.
 */
export function dividePartitions(
  dependencies: {
    readonly catalog: Pick<BuildCatalog, "join" | "leave">;
    /** Unique to this process. */
    readonly member: string;
    readonly timing: Pick<Timing, "lease">;
    readonly logger: Logger;
  },
  divided: {
    readonly partitions: () => number;
    /** The group of the processes that a partition is divided among; one that has not the partition is no member. */
    readonly groupOf: (partition: number) => string;
  },
  workers: PartitionWorkers,
): Running & {
  /** Takes the share of a number of partitions that has changed. */
  refresh(): void;
} {
  const { catalog, member, timing, logger } = dependencies;
  let joined: ReadonlySet<string> = new Set();
  const leave = (name: string) => catalog.leave({ name }, member).catch(() => undefined);

  const takeShare = async () => {
    const partitions = Array.from({ length: divided.partitions() }, (_, partition) => partition);
    const groups = new Set(partitions.map(divided.groupOf));
    const left = [...joined].filter((name) => !groups.has(name));
    joined = groups;
    await Promise.all(left.map(leave));
    const join = async (name: string) => [name, await catalog.join({ name }, member, timing.lease)] as const;
    const members = new Map(await Promise.all([...groups].map(join)));
    const isOwn = (partition: number) =>
      shareOf(member, members.get(divided.groupOf(partition)) ?? [], partitions.length).has(partition);
    workers.serve(new Set(partitions.filter(isOwn)));
  };
  /** The last take; takes run one after the other. */
  let taking: Promise<unknown> = Promise.resolve();
  const take = () => {
    taking = taking.then(async () => {
      if (workers.ended.aborted) return;
      await takeShare().catch((error: unknown) =>
        logger.debug({ err: error, of: [...joined] }, "cannot read the group's members; keeping the current share"),
      );
    });
    return taking;
  };

  const dividing = (async () => {
    while (!workers.ended.aborted) {
      await take();
      await nextTick(timing.lease / 4, workers.ended);
    }
    await taking;
    await Promise.all([...joined].map(leave));
  })();
  return {
    refresh: () => void take(),
    async close() {
      await workers.close();
      await dividing;
    },
  };
}

/** Every n-th partition, from the index of `member` among the n members on. */
export function shareOf(member: string, members: readonly string[], partitions: number): ReadonlySet<number> {
  const index = Math.max(0, members.indexOf(member));
  const count = Math.max(1, members.length);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  return new Set(all.filter((partition) => partition % count === index % count));
}
