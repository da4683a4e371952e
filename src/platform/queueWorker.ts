import { type Processor, Worker } from "bullmq";
import type { Logger } from "./logger.ts";
import { queuePrefix } from "./queue.ts";
import type { Redis } from "./redis.ts";

/** Time that a worker pauses after Redis answered with an error, in milliseconds. */
const restMs = 1_000;

export type QueueWorkerOptions = {
  /** A connection that never gives a command up. */
  readonly redis: Redis;
  readonly logger: Logger;
  /** Milliseconds; BullMQ's 30 s unless given. */
  readonly lockDuration?: number;
  readonly stalledInterval?: number;
};

/**
 * Processes a queue, one job at a time. Jobs that a dead worker held are taken over any number of times.
 * When Redis answers with an error (READONLY of a replica, OOM, MISCONF of a full disk), BullMQ requests the next job again at
 * once, thousands of times a second; so the worker pauses for a second first.
 */
export function createQueueWorker<Data>(
  queue: string,
  work: Processor<Data>,
  { redis, logger, ...timing }: QueueWorkerOptions,
): Worker<Data> {
  const worker = new Worker<Data>(queue, work, {
    connection: redis,
    prefix: queuePrefix,
    concurrency: 1,
    // BullMQ would fail a job after the first time that it was taken over.
    maxStalledCount: 1_000_000,
    ...timing,
  });
  const rest = async () => {
    // Emits no errors while it is paused.
    await worker.pause(true);
    setTimeout(() => {
      if (worker.closing === undefined) void worker.resume();
    }, restMs).unref();
  };
  worker.on("error", (error) => {
    logger.warn({ err: error, queue }, "queue worker error");
    if (error.name === "ReplyError" && !worker.isPaused()) void rest();
  });
  return worker;
}
