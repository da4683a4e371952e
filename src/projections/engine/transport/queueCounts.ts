import { coalesce } from "../../../platform/coalesce.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import type { BuildRef } from "../core/build.ts";
import { openQueues, type PartitionQueue } from "./queues.ts";
import { isShared, openSharedQueue } from "./shared/sharedQueues.ts";

/** Jobs that wait with batches of a partition, and those that a worker has taken; the shared ones count for every build. */
export type QueueCounts = { readonly waiting: number; readonly active: number };

/** Counts what is in the queues of builds; opened when first asked for. */
export function openQueueCounts(redis: Redis, logger: Logger) {
  const open = new Map<string, readonly PartitionQueue[]>();
  const shared = new Map<number, ReturnType<typeof openSharedQueue>>();

  const queuesOf = (build: BuildRef) => {
    const known = open.get(build.name);
    if (known !== undefined) return known;
    const queues = openQueues(build, redis);
    for (const queue of queues) queue.on("error", (error) => logger.debug({ err: error }, "partition queue"));
    open.set(build.name, queues);
    return queues;
  };

  const sharedQueueOf = (partition: number) => {
    const known = shared.get(partition) ?? openSharedQueue(partition, redis);
    if (!shared.has(partition)) known.on("error", (error) => logger.debug({ err: error, partition }, "shared queue"));
    shared.set(partition, known);
    return known;
  };

  /** Counted once for all builds that are asked for in one turn of the event loop. */
  const countShared = coalesce((partitions: readonly number[]) => {
    const counts = new Map(
      [...new Set(partitions)].map((partition) => [partition, countsOf(sharedQueueOf(partition))]),
    );
    return Promise.all(partitions.map((partition) => counts.get(partition) as Promise<QueueCounts>));
  });

  return {
    /** By partition. Waits for Redis as long as it is away. */
    async of(build: BuildRef): Promise<readonly QueueCounts[]> {
      return Promise.all(
        queuesOf(build).map(async (queue, partition) => {
          const counted = isShared(build) ? countShared(partition) : { waiting: 0, active: 0 };
          const [own, shared] = await Promise.all([countsOf(queue), counted]);
          return { waiting: own.waiting + shared.waiting, active: own.active + shared.active };
        }),
      );
    },
    /** Closes the queues of all builds but these. */
    async closeOthers(builds: ReadonlySet<string>): Promise<void> {
      for (const [name, queues] of open) {
        if (builds.has(name)) continue;
        open.delete(name);
        await Promise.all(queues.map((queue) => queue.close().catch(() => undefined)));
      }
    },
    async close(): Promise<void> {
      await Promise.all([...[...open.values()].flat(), ...shared.values()].map((queue) => queue.close()));
    },
  };
}

async function countsOf(queue: Pick<PartitionQueue, "getJobCounts">): Promise<QueueCounts> {
  const { waiting = 0, active = 0 } = await queue.getJobCounts("waiting", "active");
  return { waiting, active };
}
