import type { Logger } from "../../../../platform/logger.ts";
import type { Redis } from "../../../../platform/redis.ts";
import { withTimeout } from "../../../../platform/withTimeout.ts";
import { type Batch, batchToJson } from "../../core/batch.ts";
import type { BuildRef } from "../../core/build.ts";
import type { BuildCatalog } from "../../ports/buildCatalog.ts";
import { backoff, pause, type Timing } from "../../timing.ts";
import { openQueue, type PartitionQueue, queueName } from "../queues.ts";

/** How long the catalog may take to say whether a build has ended, and for how long its answer counts (ms). */
const catalogMs = 1_000;
const knownForMs = 5_000;

/** Moves batches of shared jobs to the queues of their own builds and partitions. */
export function openMoving(
  dependencies: {
    readonly catalog: Pick<BuildCatalog, "list">;
    readonly redis: Redis;
    readonly logger: Logger;
    readonly timing: Timing;
  },
  stop: AbortSignal,
) {
  const { catalog, redis, logger, timing } = dependencies;
  const queues = new Map<string, PartitionQueue>();
  let unended: { readonly names: Promise<ReadonlySet<string>>; readonly askedAt: number } | undefined;

  const queueOf = (build: Pick<BuildRef, "name">, partition: number) => {
    const name = queueName(build, partition);
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = openQueue(build, partition, redis);
    queue.on("error", (error) => logger.warn({ err: error, build: build.name }, "partition queue"));
    queues.set(name, queue);
    return queue;
  };

  /** A build that has ended has no queues any more. If the catalog cannot be asked, its batches are left to a rewind. */
  const isUnended = async (build: string) => {
    if (unended === undefined || performance.now() - unended.askedAt > knownForMs) {
      const names = withTimeout(catalog.list(), catalogMs).then(
        (records) =>
          new Set(records.filter(({ state }) => state === "live" || state === "building").map(({ name }) => name)),
      );
      unended = { names, askedAt: performance.now() };
      names.catch(() => {
        unended = undefined;
      });
    }
    return (await unended.names.catch(() => new Set())).has(build);
  };

  const moveOne = async (batch: Batch, deaths: number, isKnown: boolean): Promise<boolean> => {
    if (!isKnown && !(await isUnended(batch.build))) return true;
    const data = { ...batchToJson(batch), deaths };
    for (let attempt = 1; !stop.aborted; attempt++) {
      try {
        await queueOf({ name: batch.build }, batch.partition).add("batch", data);
        return true;
      } catch (error) {
        logger.warn({ err: error, build: batch.build, attempt }, "Redis did not take a batch that was moved; again");
        await pause(backoff(timing, attempt), stop);
      }
    }
    return false;
  };

  return {
    /**
     * Moves batches, of different partitions, until all are in; false if the process ends before. `deaths`: how many workers died with them.
     * `isKnown`: whether this process works on a build; of others the catalog says whether they have ended.
     */
    async move(batches: readonly Batch[], deaths: number, isKnown: (build: string) => boolean): Promise<boolean> {
      const moved = await Promise.all(batches.map((batch) => moveOne(batch, deaths, isKnown(batch.build))));
      return !moved.includes(false);
    },
    /** Closes the queues of a build that this process has left. */
    forget(build: BuildRef): void {
      for (let partition = 0; partition < build.partitions; partition++) {
        const name = queueName(build, partition);
        void queues
          .get(name)
          ?.close()
          .catch(() => undefined);
        queues.delete(name);
      }
    },
    async close(): Promise<void> {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
