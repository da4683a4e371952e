import type { Queue } from "bullmq";
import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import type { BatchJson } from "../core/batch.ts";
import type { BuildPlace } from "../core/build.ts";
import { openQueues } from "./queues.ts";

/** Batches that wait in the queue of a partition, and those that a worker has taken. */
export type QueueCounts = { readonly waiting: number; readonly active: number };

/** Counts what is in the queues of builds; opened when first asked for. */
export function openQueueCounts(redis: Redis, logger: Logger) {
  const open = new Map<string, readonly Queue<BatchJson>[]>();

  const queuesOf = (build: BuildPlace) => {
    const known = open.get(build.name);
    if (known !== undefined) return known;
    const queues = openQueues(build, redis);
    for (const queue of queues) queue.on("error", (error) => logger.debug({ err: error }, "partition queue"));
    open.set(build.name, queues);
    return queues;
  };

  return {
    /** By partition. Waits for Redis as long as it is away. */
    async of(build: BuildPlace): Promise<readonly QueueCounts[]> {
      const counts = await Promise.all(queuesOf(build).map((queue) => queue.getJobCounts("waiting", "active")));
      return counts.map(({ waiting = 0, active = 0 }) => ({ waiting, active }));
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
      await Promise.all([...open.values()].flat().map((queue) => queue.close()));
    },
  };
}
