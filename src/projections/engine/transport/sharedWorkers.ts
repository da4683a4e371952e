import type { Job } from "bullmq";
import { type Applied, applyBatch } from "../apply/applyBatch.ts";
import type { Running } from "../builds/followBuilds.ts";
import { type Batch, batchToJson } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import { advancedBy, type WorkerDependencies } from "./partitionWorkers.ts";
import { openQueue, type PartitionQueue } from "./queues.ts";
import { servePartitions } from "./servedPartitions.ts";
import { type SharedJobJson, sharedJobFromJson } from "./sharedJob.ts";
import { isShared, sharedPartitions, sharedQueueName } from "./sharedQueues.ts";
import { sharePartitions } from "./sharePartitions.ts";
import { type Advanced, publishAdvanced } from "./signals.ts";

/** A job waits for its slowest batch at most this long (ms); a build that was slower goes its own way for a while (ms). */
const maxJobMs = 250;
const apartMs = 5_000;

export type SharedWorkers = Running & {
  /** From now on applies the batches of this build, until `ended` is aborted. */
  add(build: Build, ended: AbortSignal): void;
};

/**
 * Takes shared jobs and applies their batches side by side, each once. Whatever cannot be applied at once is moved to the queue of its own
 * build and partition, whose worker repeats, parks, or asks for a rewind: so a shared job never waits for one build. While a partition has
 * batches there, the next ones of the shared jobs meet a gap, and follow them in order.
 */
export function startSharedWorkers(
  dependencies: WorkerDependencies & {
    readonly catalog: Pick<BuildCatalog, "join" | "leave" | "list">;
    /** Of this process, unlike any other's. */
    readonly member: string;
  },
): SharedWorkers {
  const { store, codec, redis, logger, timing, catalog, onBatch } = dependencies;
  const builds = new Map<string, { readonly build: Build; readonly ended: AbortSignal }>();
  const queues = new Map<string, PartitionQueue>();
  /** By build and partition: batches that are being applied, and until when others are moved. */
  const underWay = new Set<string>();
  const apartUntil = new Map<string, number>();
  const stop = new AbortController();

  const work = async (job: Job<SharedJobJson>) => {
    const batches = sharedJobFromJson(job.data);
    const advanced: Advanced[] = [];
    let isOpen = true;
    /** What is applied after the job has ended says so by itself. */
    const note = (signal: Advanced) => (isOpen ? advanced.push(signal) : void publishAdvanced(redis, [signal]));
    const toMove = await Promise.all(batches.map((batch) => isLeftOver(batch, job, note)));
    isOpen = false;
    await publishAdvanced(redis, advanced);
    for (const [index, batch] of batches.entries()) if (toMove[index]) await move(batch, job.stalledCounter);
  };

  /** Applies a batch if that can be done at once. */
  async function isLeftOver(batch: Batch, job: Job, note: (signal: Advanced) => void): Promise<boolean> {
    const { build, ended } = builds.get(batch.build) ?? {};
    const place = `${batch.build} ${batch.partition}`;
    const isApart = underWay.has(place) || (apartUntil.get(place) ?? 0) > performance.now();
    // A worker may have died of it.
    if (build === undefined || ended?.aborted || isApart || job.stalledCounter > 0) return true;
    const started = performance.now();
    underWay.add(place);
    const applying = applyBatch(store, codec, build, batch)
      .then(({ outcome, parkedKeys }: Applied) => {
        if (outcome === "gap") return true;
        if (outcome === "applied") note(advancedBy(batch, parkedKeys));
        const seconds = (performance.now() - started) / 1_000;
        onBatch?.({
          ...{ readModel: build.readModel.name, partition: batch.partition, outcome, seconds },
          events: batch.events.length,
        });
        return false;
      })
      .catch((error: unknown) => {
        logger.debug({ err: error, build: batch.build, partition: batch.partition }, "a batch goes to its own queue");
        return true;
      })
      .finally(() => underWay.delete(place));
    return untilLate(applying, () => {
      apartUntil.set(place, performance.now() + apartMs);
      return true;
    });
  }

  /** Until it is in: what was lost here would have to be rewound. */
  async function move(batch: Batch, deaths: number): Promise<void> {
    const place = `${batch.build} ${batch.partition}`;
    if (!builds.has(batch.build) && (await isOver(batch.build))) return;
    let queue = queues.get(place);
    if (queue === undefined) {
      queue = openQueue({ name: batch.build }, batch.partition, redis);
      queue.on("error", (error) => logger.warn({ err: error, build: batch.build }, "partition queue"));
      queues.set(place, queue);
    }
    await queue.add("batch", { ...batchToJson(batch), deaths });
  }

  /** A build that has ended has no queues any more: its batches are dropped. */
  async function isOver(name: string): Promise<boolean> {
    const records = await catalog.list().catch(() => undefined);
    const record = records?.find((known) => known.name === name);
    return records !== undefined && record?.state !== "live" && record?.state !== "building";
  }

  const partitions = servePartitions<SharedJobJson>({
    queueName: sharedQueueName,
    ...{ work, redis, logger, timing, lazily: false },
  });
  const mostPartitions = () => sharedPartitions([...builds.values()].map(({ build }) => build));
  const sharing = sharePartitions(
    dependencies,
    // A process that has no build with a partition is no member there.
    { partitions: mostPartitions, groupOf: sharedQueueName },
    { serve: partitions.serve, ended: stop.signal, close: partitions.close },
  );

  return {
    add(build, ended) {
      if (!isShared(build) || ended.aborted) return;
      builds.set(build.name, { build, ended });
      ended.addEventListener("abort", () => builds.delete(build.name), { once: true });
      sharing.look();
    },
    async close() {
      stop.abort();
      await sharing.close();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** The result of `work`, or of `late` if it takes too long; the work goes on. */
async function untilLate<Result>(work: Promise<Result>, late: () => Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(late()), maxJobMs);
  });
  try {
    return await Promise.race([work, waited]);
  } finally {
    clearTimeout(timer);
  }
}
