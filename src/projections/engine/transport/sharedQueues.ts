import type { Queue } from "bullmq";
import type { Logger } from "../../../platform/logger.ts";
import { createQueue } from "../../../platform/queue.ts";
import type { Redis } from "../../../platform/redis.ts";
import type { Batch } from "../core/batch.ts";
import { type BuildRef, type PartitionId, partitionId } from "../core/build.ts";
import { dataSize } from "../core/dataSize.ts";
import type { Timing } from "../timing.ts";
import { addUntilStored } from "./addUntilStored.ts";
import { createQueuePool } from "./queuePool.ts";
import { type SharedJobJson, sharedJobToJson } from "./sharedJob.ts";

/**
 * Returns whether the batches of a build travel in shared jobs: only builds in Postgres, which every process needs; a slower
 * store would delay the others.
 */
export function isShared({ store }: Pick<BuildRef, "store">): boolean {
  return store === undefined;
}

/** Returns the number of shared queues for these builds: their partitions are numbered from 0. */
export function sharedPartitions(builds: readonly BuildRef[]): number {
  return Math.max(0, ...builds.filter(isShared).map(({ partitions }) => partitions));
}

/** The queue of what was sent to this partition of all builds; workers join a group of the same name (`BuildCatalog.join`). */
export function sharedQueueName(partition: number): string {
  return `shared_partition${partition}`;
}

export function openSharedQueue(partition: number, redis: Redis): Queue<SharedJobJson> {
  return createQueue<SharedJobJson>(sharedQueueName(partition), redis);
}

/** The dispatcher's end of the shared queues. */
export type SharedQueues = {
  /** As `PartitionQueues.onePerPartition`, for this number of partitions, counted from 0. */
  onePerPartition(partitions: number): Promise<void>;
  /**
   * Adds a batch to a job and retries until Redis has stored it; resolves early when stopped. Batches that builds send
   * to the same partition in one turn of the event loop share a job.
   */
  send(batch: Batch, stop: AbortSignal): Promise<void>;
  /** Resolves with whether the job with the last batch that was sent to a partition of this build is waiting or active. */
  holds(build: BuildRef, partition: number): Promise<boolean>;
  /**
   * The number of waiting jobs of all builds, as of a moment ago, so that all builds that it pauses share one query of
   * Redis.
   */
  waiting(partition: number): Promise<number>;
  /** Forgets what was sent to a build. */
  forget(build: BuildRef): void;
  close(): Promise<void>;
};

type Sending = { readonly batch: Batch; readonly stop: AbortSignal; readonly sent: () => void };

/** Units of event data beyond which no further batch is added to a job. */
const maxSize = 2 * 1024 * 1024;

/** For how long a count of waiting jobs counts (ms): less than between two polls of who is paused. */
const countedForMs = 40;

const never = new AbortController().signal;

export function openSharedQueues(redis: Redis, logger: Logger, timing: Timing): SharedQueues {
  const queues = createQueuePool<SharedJobJson>(redis, (err, queue) =>
    logger.warn({ err, queue }, "shared queue error"),
  );
  const queueOf = (partition: number) => queues.of(sharedQueueName(partition));
  /** The id of the last job of each partition of a build. */
  const lastJobs = new Map<PartitionId, string>();
  const counts = new Map<number, { readonly count: Promise<number>; readonly askedAt: number }>();
  let gathered: Sending[] = [];

  const addOnce = async (partition: number, sendings: readonly Sending[]) => {
    const batches = sendings.filter(({ stop }) => !stop.aborted).map(({ batch }) => batch);
    if (batches.length === 0) return;
    const { id } = await queueOf(partition).add("batches", sharedJobToJson(batches));
    for (const { build } of batches) if (id !== undefined) lastJobs.set(partitionId(build, partition), id);
    for (const { sent } of sendings) sent();
  };
  /** Not until one of the sendings is stopped: the others still wait. Each attempt leaves out those that are. */
  const add = (partition: number, sendings: readonly Sending[]) =>
    addUntilStored(() => addOnce(partition, sendings), { logger, timing, where: { partition } }, never);

  const sendGathered = () => {
    const sendings = gathered;
    gathered = [];
    for (const [partition, jobs] of inJobs(sendings)) for (const job of jobs) void add(partition, job);
  };

  return {
    async onePerPartition(partitions) {
      const numbers = Array.from({ length: partitions }, (_, partition) => partition);
      await Promise.all(numbers.map((partition) => queueOf(partition).setGlobalConcurrency(1)));
    },
    send(batch, stop) {
      return new Promise((resolve) => {
        const sent = () => {
          stop.removeEventListener("abort", sent);
          resolve();
        };
        if (stop.aborted) return sent();
        stop.addEventListener("abort", sent, { once: true });
        if (gathered.length === 0) setImmediate(sendGathered);
        gathered.push({ batch, stop, sent });
      });
    },
    async holds({ name }, partition) {
      const id = lastJobs.get(partitionId(name, partition));
      return id !== undefined && (await redis.exists(queueOf(partition).toKey(id))) === 1;
    },
    waiting(partition) {
      const known = counts.get(partition);
      if (known !== undefined && performance.now() - known.askedAt < countedForMs) return known.count;
      const count = queueOf(partition).getWaitingCount();
      counts.set(partition, { count, askedAt: performance.now() });
      return count;
    },
    forget({ name, partitions }) {
      for (let partition = 0; partition < partitions; partition++) lastJobs.delete(partitionId(name, partition));
    },
    close: queues.close,
  };
}

/** By partition what goes into one job. */
function inJobs(sendings: readonly Sending[]): ReadonlyMap<number, readonly (readonly Sending[])[]> {
  const byPartition = new Map<number, { jobs: Sending[][]; size: number }>();
  for (const sending of sendings) {
    const { partition, events } = sending.batch;
    const of = byPartition.get(partition) ?? { jobs: [], size: Number.POSITIVE_INFINITY };
    byPartition.set(partition, of);
    if (of.size >= maxSize) {
      of.jobs.push([]);
      of.size = 0;
    }
    of.jobs.at(-1)?.push(sending);
    for (const event of events) of.size += dataSize(event);
  }
  return new Map([...byPartition].map(([partition, { jobs }]) => [partition, jobs]));
}
