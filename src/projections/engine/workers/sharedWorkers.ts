import { coalesce } from "../../../platform/coalesce.ts";
import { applyBatch } from "../apply/applyBatch.ts";
import type { Running } from "../builds/followBuilds.ts";
import type { Batch } from "../core/batch.ts";
import { type Build, type PartitionId, partitionId } from "../core/build.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import { holdsJobs, queueName } from "../transport/queues.ts";
import { type JobEnd, servePartitions, type TakenJob } from "../transport/servedPartitions.ts";
import { type SharedJobJson, sharedJobFromJson } from "../transport/sharedJob.ts";
import { isShared, sharedPartitions, sharedQueueName } from "../transport/sharedQueues.ts";
import { type Advanced, publishAdvanced } from "../transport/signals.ts";
import { dividePartitions } from "./dividePartitions.ts";
import { openMoving } from "./moving.ts";
import { advancedBy, type WorkerDependencies } from "./partitionWorkers.ts";
import { stragglersOf } from "./stragglers.ts";

/** For how long the batches of a partition that was slower than others are moved to its own queue (ms). */
const slowForMs = 5_000;

export type SharedWorkers = Running & {
  /** From now on applies the batches of this build, until `ended` is aborted. */
  add(build: Build, ended: AbortSignal): void;
};

/** A build's partition in this process. */
type PartitionState = {
  readonly build: Build;
  /** A batch is being applied, though its job may have ended. */
  isBusy: boolean;
  slowUntil: number;
  /** Whether its own queue is known to be empty: only this process moves batches there while it has the partition. */
  isClear: boolean;
};

/**
 * Takes shared jobs and applies their batches side by side, each once. A batch that cannot be applied at once is moved to the
 * queue of its build and partition, whose worker repeats it, parks events, or requests a rewind: so a shared job never waits long
 * for one build. As long as that queue is not empty the next batches are moved too, so that they stay in order.
 */
export function startSharedWorkers(
  dependencies: WorkerDependencies & {
    readonly catalog: Pick<BuildCatalog, "join" | "leave" | "list">;
    /** Unique to this process. */
    readonly member: string;
  },
): SharedWorkers {
  const { store, codec, redis, logger, timing, onBatch } = dependencies;
  const stop = new AbortController();
  const builds = new Map<string, Build>();
  const partitions = new Map<PartitionId, PartitionState>();
  const moving = openMoving(dependencies, stop.signal);
  /** Publishes the advances of one turn of the event loop as one message. */
  const publish = coalesce(async (signals: readonly Advanced[]) => {
    await publishAdvanced(redis, signals);
    return signals.map(() => undefined);
  });

  const work = async (job: TakenJob<SharedJobJson>): Promise<JobEnd> => {
    const batches = sharedJobFromJson(job.data);
    const free = await Promise.all(batches.map((batch) => partitionFor(batch, job.deaths)));
    const applying = batches.map(async (batch, index) => {
      const partition = free[index];
      return partition !== undefined && (await isApplied(partition, batch));
    });
    const late = await stragglersOf(applying);
    for (const index of late) {
      const partition = free[index];
      if (partition !== undefined) partition.slowUntil = performance.now() + slowForMs;
    }
    const applied = await Promise.all(applying.map((one, index) => !late.has(index) && one));
    const leftOver = batches.filter((_, index) => !applied[index]);
    for (const batch of leftOver) {
      const partition = partitions.get(partitionId(batch.build, batch.partition));
      if (partition !== undefined) partition.isClear = false;
    }
    const isMoved = await moving.move(leftOver, job.deaths, (build) => builds.has(build));
    return isMoved ? "done" : "given_back";
  };

  /** The partition that a batch may be applied to at once; undefined: it must be moved. `deaths`: of workers with its job. */
  async function partitionFor(batch: Batch, deaths: number): Promise<PartitionState | undefined> {
    const build = builds.get(batch.build);
    if (build === undefined || deaths > 0) return undefined;
    const id = partitionId(batch.build, batch.partition);
    const partition = partitions.get(id) ?? { build, isBusy: false, slowUntil: 0, isClear: false };
    partitions.set(id, partition);
    if (partition.isBusy || partition.slowUntil > performance.now()) return undefined;
    partition.isClear ||= !(await holdsJobs(queueName(build, batch.partition), redis));
    return partition.isClear ? partition : undefined;
  }

  /** False if the batch must be moved. */
  async function isApplied(partition: PartitionState, batch: Batch): Promise<boolean> {
    const started = performance.now();
    partition.isBusy = true;
    try {
      const { outcome, parkedKeys } = await applyBatch(store, codec, partition.build, batch);
      if (outcome === "gap") return false;
      onBatch?.({
        readModel: partition.build.readModel.name,
        partition: batch.partition,
        outcome,
        events: batch.events.length,
        seconds: (performance.now() - started) / 1_000,
      });
      if (outcome === "applied") await publish(advancedBy(batch, parkedKeys));
      return true;
    } catch (error) {
      logger.debug({ err: error, build: batch.build, partition: batch.partition }, "moving a batch to its own queue");
      return false;
    } finally {
      partition.isBusy = false;
    }
  }

  const served = servePartitions<SharedJobJson>({
    queueName: sharedQueueName,
    work,
    redis,
    logger,
    timing,
    isSeldomUsed: false,
  });
  const dividing = dividePartitions(
    dependencies,
    { partitions: () => sharedPartitions([...builds.values()]), groupOf: sharedQueueName },
    { serve: served.serve, ended: stop.signal, close: served.close },
  );

  const forget = (build: Build) => {
    builds.delete(build.name);
    for (let partition = 0; partition < build.partitions; partition++)
      partitions.delete(partitionId(build.name, partition));
    moving.forget(build);
    dividing.refresh();
  };

  return {
    add(build, ended) {
      if (!isShared(build) || ended.aborted) return;
      builds.set(build.name, build);
      ended.addEventListener("abort", () => forget(build), { once: true });
      dividing.refresh();
    },
    async close() {
      stop.abort();
      await dividing.close();
      await moving.close();
    },
  };
}
