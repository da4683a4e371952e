import type { EventStore } from "../../event-store/types.ts";
import { inTime } from "../../platform/inTime.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Redis } from "../../platform/redis.ts";
import type { ReadModel } from "./core/declaration.ts";
import { countLag, type Lag } from "./lag.ts";
import { type BuildCatalog, type Failure, type FillProgress, openFailures } from "./ports/buildCatalog.ts";
import type { BuildProgress, ProgressTracker } from "./progress/tracker.ts";
import { openQueueCounts } from "./transport/queueCounts.ts";

/** How a partition is. `lag`, `waiting` and `active` are null when the event store or Redis gave no answer in time. */
export type PartitionStatus = {
  readonly partition: number;
  readonly checkpoint: bigint;
  readonly lag: Lag | null;
  /** Batches that wait in the partition's queue, and those that a worker has taken. */
  readonly waiting: number | null;
  readonly active: number | null;
  readonly parkedKeys: number;
  /** Why the partition does not advance. */
  readonly stopped: Failure | null;
};

/**
 * How a build of a read model is, live or building; `build` is null, and there are no partitions, as long as nobody has added
 * one. A build that is not filled yet has no partitions either.
 */
export type ReadModelStatus = {
  readonly readModel: string;
  readonly version: number;
  readonly build: string | null;
  readonly state: "live" | "building" | null;
  /** How far the fold from the log's beginning is, and whether it was paused; null once the build is fed. */
  readonly fill: { readonly progress: FillProgress | null; readonly paused: boolean } | null;
  /** The position of the last event in the log that concerns the read model, null when that is not known. */
  readonly head: bigint | null;
  readonly partitions: readonly PartitionStatus[];
};

export type ProjectionsStatus = {
  /** Every build of every read model, in the order of the registry. Rejects when Postgres does not answer. */
  read(): Promise<readonly ReadModelStatus[]>;
  close(): Promise<void>;
};

/**
 * Reads how far every read model is: checkpoints and failures from the tracker and the catalog, lag from the event store,
 * what waits from Redis. An event store or a Redis that gives no answer within `patienceMs` leaves its part null.
 */
export function createProjectionsStatus(dependencies: {
  readonly readModels: readonly ReadModel[];
  readonly tracker: ProgressTracker;
  readonly catalog: Pick<BuildCatalog, "failures">;
  readonly eventStore: Pick<EventStore, "readAll">;
  readonly redis: Redis;
  readonly logger: Logger;
  readonly patienceMs?: number;
}): ProjectionsStatus {
  const { readModels, tracker, catalog, eventStore, redis, logger, patienceMs = 2_000 } = dependencies;
  const queues = openQueueCounts(redis, logger);

  /** A build that ended is asked for no more. */
  const closeEnded = async () => {
    const builds = new Set(readModels.flatMap(({ name }) => tracker.of(name)?.builds ?? []).map(({ name }) => name));
    await queues.closeOthers(builds);
  };

  const orNull = async <Result>(what: string, work: Promise<Result>): Promise<Result | null> => {
    try {
      return await inTime(work, patienceMs);
    } catch (error) {
      logger.debug({ err: error }, `the state of the read models lacks ${what}`);
      return null;
    }
  };

  const partitionsOf = async (found: BuildProgress): Promise<Pick<ReadModelStatus, "head" | "partitions">> => {
    const { build, partitionProgress } = found;
    const positions = partitionProgress.map(({ position }) => position);
    const late = AbortSignal.timeout(patienceMs);
    const [failures, counts, lag] = await Promise.all([
      catalog.failures(build),
      orNull("the queues", queues.of(build)),
      orNull("the log", countLag(eventStore, build.readModel, build, positions, Date.now(), late)),
    ]);
    const stopped = openFailures(failures, partitionProgress);
    const partitions = partitionProgress.map(({ position, parkedKeys }, partition) => ({
      partition,
      checkpoint: position,
      lag: lag?.partitions[partition] ?? null,
      waiting: counts?.[partition]?.waiting ?? null,
      active: counts?.[partition]?.active ?? null,
      parkedKeys: parkedKeys.size,
      stopped: stopped.find((failure) => failure.partition === partition) ?? null,
    }));
    return { head: lag?.head ?? null, partitions };
  };

  const statusOf = async ({ name, version }: ReadModel): Promise<readonly ReadModelStatus[]> => {
    const status = { readModel: name, version };
    const nothing = { head: null, partitions: [] };
    const builds = tracker.of(name)?.builds ?? [];
    if (builds.length === 0) return [{ ...status, build: null, state: null, fill: null, ...nothing }];
    return Promise.all(
      builds.map(async (found): Promise<ReadModelStatus> => {
        const { name: build, state, filled, paused, fillProgress } = found;
        const fill = filled ? null : { progress: fillProgress, paused };
        const known = found.partitionProgress.length > 0 ? await partitionsOf(found) : nothing;
        return { ...status, build, state: state === "live" ? "live" : "building", fill, ...known };
      }),
    );
  };

  return {
    async read() {
      await tracker.look();
      await closeEnded();
      return (await Promise.all(readModels.map(statusOf))).flat();
    },
    async close() {
      await queues.close();
    },
  };
}
