import { type Processor, Worker } from "bullmq";
import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import type { Timing } from "../timing.ts";
import { queuePrefix } from "./queues.ts";
import { checkWhileActive } from "./stalledChecks.ts";

/** The queues of some partitions, of which a process works at those that are its share. */
export type ServedPartitions = {
  /** From now on takes the jobs of these partitions and no others. */
  serve(partitions: ReadonlySet<number>): void;
  /** Resolves when all jobs that were taken have ended. */
  close(): Promise<void>;
};

/** Works at the queues of partitions, one job at a time each. Jobs that a dead worker held are taken over any number of times. */
export function servePartitions<Data>(options: {
  readonly queueName: (partition: number) => string;
  readonly work: Processor<Data>;
  /** A connection that never gives a command up. */
  readonly redis: Redis;
  readonly logger: Logger;
  readonly timing: Pick<Timing, "jobLock" | "stalledEvery">;
}): ServedPartitions {
  const { queueName, work, redis, logger, timing } = options;
  const open = new Map<number, Worker<Data>>();
  const closing = new Set<Promise<void>>();
  let isClosed = false;

  const openWorker = (partition: number) => {
    const worker = new Worker<Data>(queueName(partition), work, {
      connection: redis,
      prefix: queuePrefix,
      concurrency: 1,
      lockDuration: timing.jobLock,
      stalledInterval: timing.stalledEvery,
      // BullMQ would fail a job after the first time that it was taken over.
      maxStalledCount: 1_000_000,
    });
    worker.on("error", (error) => logger.warn({ err: error, queue: worker.name }, "partition worker"));
    checkWhileActive(worker, redis);
    open.set(partition, worker);
  };

  const closeWorker = (partition: number, worker: Worker<Data>) => {
    open.delete(partition);
    const closed = worker.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };

  return {
    serve(partitions) {
      if (isClosed) return;
      for (const [partition, worker] of open) if (!partitions.has(partition)) closeWorker(partition, worker);
      for (const partition of partitions) if (!open.has(partition)) openWorker(partition);
    },
    async close() {
      isClosed = true;
      for (const [partition, worker] of open) closeWorker(partition, worker);
      await Promise.all(closing);
    },
  };
}
