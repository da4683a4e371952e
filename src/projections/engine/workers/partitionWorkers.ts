import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import { type ApplyDependencies, applyPatiently, type PatientOutcome } from "../apply/applyPatiently.ts";
import { applySuspected, type DeathCount, type DeathCounter, deathsPerBatch } from "../apply/applySuspected.ts";
import { type Batch, batchFromJson } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { type QueuedBatch, queueName } from "../transport/queues.ts";
import { type JobEnd, servePartitions, type TakenJob } from "../transport/servedPartitions.ts";
import { isShared } from "../transport/sharedQueues.ts";
import { type Advanced, publish } from "../transport/signals.ts";

export type WorkerDependencies = ApplyDependencies & {
  /** A connection that never gives a command up. */
  readonly redis: Redis;
  /** Called for every batch that was taken. */
  readonly onBatch?: (batch: AppliedBatch) => void;
};

/** The result of a batch; `seconds` from when it was taken, including repeats. */
export type AppliedBatch = {
  readonly readModel: string;
  readonly partition: number;
  readonly outcome: PatientOutcome;
  readonly events: number;
  readonly seconds: number;
};

export type PartitionWorkers = {
  /** From now on takes the batches of these partitions and no others; before the first call, of all. */
  serve(partitions: ReadonlySet<number>): void;
  /** Aborted when this worker takes no more batches of the build: closed, or too old for it. */
  readonly ended: AbortSignal;
  close(): Promise<void>;
};

/**
 * Takes the batches of a build's partitions from their queues, one at a time a partition, until closed. A worker that meets an
 * event it does not know leaves the build to others: it gives the job back and takes no further jobs of the build until it is restarted.
 */
export function startPartitionWorkers(dependencies: WorkerDependencies, build: Build): PartitionWorkers {
  const { redis, logger, timing } = dependencies;
  const stop = new AbortController();

  const work = async (job: TakenJob<QueuedBatch>): Promise<JobEnd> => {
    const batch = batchFromJson(job.data);
    const started = performance.now();
    const { outcome, parkedKeys } =
      job.deaths + (job.data.deaths ?? 0) < deathsPerBatch
        ? await applyPatiently(dependencies, build, batch, stop.signal)
        : await applySuspected(dependencies, build, batch, deathCounterOf(job, logger), stop.signal);
    dependencies.onBatch?.({
      readModel: build.readModel.name,
      partition: batch.partition,
      outcome,
      events: batch.events.length,
      seconds: (performance.now() - started) / 1_000,
    });
    switch (outcome) {
      case "applied":
        await publish(redis, advancedBy(batch, parkedKeys));
        return "done";
      case "done":
        return "done";
      case "gap":
        logger.info(
          { build: build.name, partition: batch.partition, after: String(batch.after) },
          "gap before a batch; requesting a rewind",
        );
        await publish(redis, { kind: "rewind", build: build.name, epoch: batch.epoch });
        return "done";
      case "unknown":
        void leave().catch((error: unknown) => logger.warn({ err: error }, "cannot leave a build"));
        return "given_back";
      case "stopped":
        return "given_back";
    }
  };

  const partitions = servePartitions<QueuedBatch>({
    queueName: (partition) => queueName(build, partition),
    work,
    redis,
    logger,
    timing,
    // Then only what could not be applied at once comes here.
    isSeldomUsed: isShared(build),
  });
  partitions.serve(new Set(Array.from({ length: build.partitions }, (_, partition) => partition)));

  async function leave(): Promise<void> {
    if (stop.signal.aborted) return;
    logger.error({ build: build.name }, "this worker is too old for the build; leaving it to newer workers");
    await close();
  }

  async function close(): Promise<void> {
    stop.abort();
    await partitions.close();
  }

  return { serve: partitions.serve, ended: stop.signal, close };
}

/** The signal that a batch was applied. */
export function advancedBy(batch: Batch, parkedKeys: ReadonlySet<string>): Advanced {
  return {
    kind: "advanced",
    build: batch.build,
    partition: batch.partition,
    position: batch.upTo.position,
    eventId: batch.upTo.eventId,
    after: batch.after,
    keys: keysOf(batch),
    parkedKeys: [...parkedKeys],
  };
}

/** Counts at the job. */
function deathCounterOf(job: TakenJob<unknown>, logger: Logger): DeathCounter {
  const { eventId, deaths } = (job.note ?? {}) as Partial<DeathCount>;
  return {
    found: typeof eventId === "string" && typeof deaths === "number" ? { eventId, deaths } : undefined,
    async write(note) {
      // A job that Redis lost is sent again as a new job, with no deaths.
      await job
        .setNote(note ?? {})
        .catch((error: unknown) => logger.warn({ err: error }, "cannot save the note of a job"));
    },
  };
}

/** The most partition keys that a signal names; it is meant for live batches, which are small. */
const maxKeysNamed = 50;

/** The partition keys whose rows the batch may have changed; undefined when they are too many, or an event has none. */
function keysOf({ events }: Batch): readonly string[] | undefined {
  const keys = new Set<string>();
  for (const { key } of events) {
    if (key === undefined || keys.size === maxKeysNamed) return undefined;
    keys.add(key);
  }
  return [...keys];
}
