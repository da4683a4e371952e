import { Queue } from "bullmq";
import type { Redis } from "./redis.ts";

/** The prefix of all keys of our queues in Redis. */
export const queuePrefix = "heima";

/**
 * A queue by its name. Whatever ends is removed, so Redis holds only what waits. `redis` stays open when the queue is closed.
 *
 * BullMQ asks Redis for its version when a queue is made, and a queue that gets no answer then rejects every call for ever, however healthy
 * Redis is later. So it is not asked; nothing that a queue does depends on the version (workers need it, and retry).
 */
export function createQueue<Data>(name: string, redis: Redis): Queue<Data> {
  return new Queue<Data>(name, {
    connection: redis,
    prefix: queuePrefix,
    skipVersionCheck: true,
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  });
}
