import { type Job, type Processor, WaitingError, type Worker } from "bullmq";
import type { Logger } from "../../../platform/logger.ts";
import { createQueueWorker } from "../../../platform/queueWorker.ts";
import type { Redis } from "../../../platform/redis.ts";
import { nextTick } from "../../../platform/tick.ts";
import type { Timing } from "../timing.ts";
import { holdsJobs } from "./queues.ts";
import { checkWhileActive } from "./stalledChecks.ts";

/** A worker of a seldom used queue is closed when that was found empty more often than this in a row. */
const emptyBeforeClose = 30;

/** A job that was taken from a queue. */
export type TakenJob<Data> = {
  readonly data: Data;
  /** The number of workers that died with it. */
  readonly deaths: number;
  /** The last note, which is stored with the job. `setNote` rejects if Redis does not store it. */
  readonly note: unknown;
  setNote(note: object): Promise<void>;
};

/** The end of a job: it is done, or given back to the head of its queue. */
export type JobEnd = "done" | "given_back";

/** The queues of some partitions; a process works on those that are its share. */
export type ServedPartitions = {
  /** From now on takes the jobs of these partitions and no others. */
  serve(partitions: ReadonlySet<number>): void;
  /** Resolves when all jobs that were taken have ended. */
  close(): Promise<void>;
};

/** Works at the queues of partitions, one job at a time each. */
export function servePartitions<Data>(options: {
  readonly queueName: (partition: number) => string;
  readonly work: (job: TakenJob<Data>) => Promise<JobEnd>;
  /** A connection that never gives a command up. */
  readonly redis: Redis;
  readonly logger: Logger;
  readonly timing: Pick<Timing, "jobLock" | "stalledEvery">;
  /** Listen to a queue only while there is something in it, which is polled every `stalledEvery`: an idle worker costs commands of Redis. */
  readonly isSeldomUsed: boolean;
}): ServedPartitions {
  const { queueName, work, redis, logger, timing, isSeldomUsed } = options;
  const open = new Map<number, Worker<Data>>();
  const closing = new Set<Promise<void>>();
  const end = new AbortController();
  let served: ReadonlySet<number> = new Set();

  const process: Processor<Data> = async (job, token) => {
    if ((await work(takenJob(job))) === "done") return;
    await job.moveToWait(token);
    throw new WaitingError();
  };

  const openWorker = (partition: number) => {
    const worker = createQueueWorker(queueName(partition), process, {
      redis,
      logger,
      lockDuration: timing.jobLock,
      stalledInterval: timing.stalledEvery,
    });
    checkWhileActive(worker, redis);
    open.set(partition, worker);
  };

  const closeWorker = (partition: number, worker: Worker<Data>) => {
    open.delete(partition);
    const closed = worker.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };

  const openServed = (mayOpen: (partition: number) => boolean) => {
    for (const partition of end.signal.aborted ? [] : served)
      if (!open.has(partition) && mayOpen(partition)) openWorker(partition);
  };

  /** By partition: how often in a row its queue was found empty. */
  const foundEmpty = new Map<number, number>();
  const pollForJobs = async () => {
    while (!end.signal.aborted) {
      const asked = [...served];
      const used = await Promise.all(asked.map((partition) => holdsJobs(queueName(partition), redis))).catch(
        () => undefined,
      );
      for (const [index, partition] of used === undefined ? [] : asked.entries()) {
        const times = used?.[index] ? 0 : (foundEmpty.get(partition) ?? 0) + 1;
        foundEmpty.set(partition, times);
        const worker = open.get(partition);
        if (times > emptyBeforeClose && worker !== undefined) closeWorker(partition, worker);
      }
      openServed((partition) => foundEmpty.get(partition) === 0);
      await nextTick(timing.stalledEvery, end.signal);
    }
  };
  if (isSeldomUsed) void pollForJobs();

  return {
    serve(partitions) {
      served = partitions;
      for (const [partition, worker] of open) if (!partitions.has(partition)) closeWorker(partition, worker);
      if (!isSeldomUsed) openServed(() => true);
    },
    async close() {
      end.abort();
      for (const [partition, worker] of open) closeWorker(partition, worker);
      await Promise.all(closing);
    },
  };
}

function takenJob<Data>(job: Job<Data>): TakenJob<Data> {
  return {
    data: job.data,
    deaths: job.stalledCounter,
    note: job.progress,
    setNote: (note) => job.updateProgress(note),
  };
}
