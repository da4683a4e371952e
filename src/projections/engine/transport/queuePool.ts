import type { Queue } from "bullmq";
import { createQueue } from "../../../platform/queue.ts";
import type { Redis } from "../../../platform/redis.ts";

/** Queues by their names. */
export type QueuePool<Data> = {
  /** The queue of this name, opened when it is first asked for. */
  of(name: string): Queue<Data>;
  /** Closes the queue of this name if it is open. Never rejects. */
  forget(name: string): Promise<void>;
  /** Closes all. Rejects if one cannot be closed. */
  close(): Promise<void>;
};

/** `onError` is given the errors of each queue, and its name: without a listener they would end the process. */
export function createQueuePool<Data>(redis: Redis, onError: (error: Error, name: string) => void): QueuePool<Data> {
  const queues = new Map<string, Queue<Data>>();
  return {
    of(name) {
      const known = queues.get(name);
      if (known !== undefined) return known;
      const queue = createQueue<Data>(name, redis);
      queue.on("error", (error) => onError(error, name));
      queues.set(name, queue);
      return queue;
    },
    async forget(name) {
      const queue = queues.get(name);
      queues.delete(name);
      await queue?.close().catch(() => undefined);
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
