import { Queue, type QueueOptions } from "bullmq";
import type { Redis } from "../../../platform/redis.ts";
import type { BatchJson } from "../core/batch.ts";
import type { BuildPlace } from "../core/build.ts";

/** What all keys of our queues begin with in Redis. */
export const queuePrefix = "heima";

/** The queue of one partition of a build: its name carries the build's, so builds share nothing. */
export function queueName(build: Pick<BuildPlace, "name">, partition: number): string {
  return `${build.name}_partition${partition}`;
}

/**
 * The queues of a build, by partition. Jobs have no ids of ours: an id made of partition and position would make BullMQ swallow the
 * batches of a rewind. Whatever ends is removed, so Redis holds only what waits.
 */
export function openQueues(build: BuildPlace, redis: Redis): readonly Queue<BatchJson>[] {
  const options: QueueOptions = {
    connection: redis,
    prefix: queuePrefix,
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  };
  return Array.from(
    { length: build.partitions },
    (_, partition) => new Queue<BatchJson>(queueName(build, partition), options),
  );
}

/** Removes a build's queues and what waits in them. */
export async function dropQueues(build: BuildPlace, redis: Redis): Promise<void> {
  const queues = openQueues(build, redis);
  for (const queue of queues) {
    queue.on("error", () => {});
    await queue.obliterate({ force: true });
    await queue.close();
  }
}
