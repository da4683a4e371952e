import { coalesce } from "../../../platform/coalesce.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import type { BuildRef } from "../core/build.ts";
import { createQueuePool } from "./queuePool.ts";
import { type PartitionQueue, type QueuedBatch, queueNames } from "./queues.ts";
import type { SharedJobJson } from "./sharedJob.ts";
import { isShared, sharedQueueName } from "./sharedQueues.ts";

/** Jobs that wait with batches of a partition, and those that a worker has taken; the shared ones count for every build. */
export type QueueCounts = { readonly waiting: number; readonly active: number };

/** Counts what is in the queues of builds; opened when first asked for. */
export function openQueueCounts(redis: Redis, logger: Logger) {
  const own = createQueuePool<QueuedBatch>(redis, (err, queue) =>
    logger.debug({ err, queue }, "partition queue error"),
  );
  const shared = createQueuePool<SharedJobJson>(redis, (err, queue) =>
    logger.debug({ err, queue }, "shared queue error"),
  );
  /** The names of each build's own queues. */
  const open = new Map<string, readonly string[]>();

  const namesOf = (build: BuildRef) => {
    const names = open.get(build.name) ?? queueNames(build);
    open.set(build.name, names);
    return names;
  };

  /** Counted once for all builds that are asked for in one turn of the event loop. */
  const countShared = coalesce((partitions: readonly number[]) => {
    const counts = new Map(
      [...new Set(partitions)].map((partition) => [partition, countsOf(shared.of(sharedQueueName(partition)))]),
    );
    return Promise.all(partitions.map((partition) => counts.get(partition) as Promise<QueueCounts>));
  });

  return {
    /** By partition. Waits for Redis as long as it is away. */
    async of(build: BuildRef): Promise<readonly QueueCounts[]> {
      return Promise.all(
        namesOf(build).map(async (name, partition) => {
          const counted = isShared(build) ? countShared(partition) : { waiting: 0, active: 0 };
          const [inOwn, inShared] = await Promise.all([countsOf(own.of(name)), counted]);
          return { waiting: inOwn.waiting + inShared.waiting, active: inOwn.active + inShared.active };
        }),
      );
    },
    /** Closes the queues of all builds but these. */
    async closeOthers(builds: ReadonlySet<string>): Promise<void> {
      for (const [build, names] of open) {
        if (builds.has(build)) continue;
        open.delete(build);
        await Promise.all(names.map(own.forget));
      }
    },
    async close(): Promise<void> {
      await Promise.all([own.close(), shared.close()]);
    },
  };
}

async function countsOf(queue: Pick<PartitionQueue, "getJobCounts">): Promise<QueueCounts> {
  const { waiting = 0, active = 0 } = await queue.getJobCounts("waiting", "active");
  return { waiting, active };
}
