import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import { withTimeout } from "../../../platform/withTimeout.ts";
import { type Batch, batchToJson } from "../core/batch.ts";
import type { BuildRef } from "../core/build.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { Timing } from "../timing.ts";
import { addUntilStored } from "../transport/addUntilStored.ts";
import { createQueuePool } from "../transport/queuePool.ts";
import { type QueuedBatch, queueName, queueNames } from "../transport/queues.ts";

/** Maximum time for the catalog to report whether a build has ended, and the validity of its answer (ms). */
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
  const queues = createQueuePool<QueuedBatch>(redis, (err, queue) =>
    logger.warn({ err, queue }, "partition queue error"),
  );
  let unended: { readonly names: Promise<ReadonlySet<string>>; readonly askedAt: number } | undefined;

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
    const name = queueName({ name: batch.build }, batch.partition);
    const where = { build: batch.build, partition: batch.partition };
    return addUntilStored(() => queues.of(name).add("batch", data), { logger, timing, where }, stop);
  };

  return {
    /**
     * Moves batches, of different partitions, until all are in; false if the process ends before. `deaths`: the number of workers
     * that died with them. `isKnown`: whether this process works on a build; for others the catalog reports whether they have
     * ended.
     */
    async move(batches: readonly Batch[], deaths: number, isKnown: (build: string) => boolean): Promise<boolean> {
      const moved = await Promise.all(batches.map((batch) => moveOne(batch, deaths, isKnown(batch.build))));
      return !moved.includes(false);
    },
    /** Closes the queues of a build that this process has left. */
    forget(build: BuildRef): void {
      for (const name of queueNames(build)) void queues.forget(name);
    },
    close: queues.close,
  };
}
