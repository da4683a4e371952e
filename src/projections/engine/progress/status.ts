import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import { withTimeout } from "../../../platform/withTimeout.ts";
import { endedBuildOf } from "../builds/endedBuild.ts";
import { type OtherBuild, otherBuilds } from "../builds/otherReleases.ts";
import type { BuildState } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";
import {
  type BuildCatalog,
  type BuildRecord,
  type Failure,
  type FillProgress,
  openFailures,
  type Waits,
} from "../ports/buildCatalog.ts";
import { openQueueCounts } from "../transport/queueCounts.ts";
import { createLagCounter, type Lag } from "./lag.ts";
import type { BuildProgress, ProgressTracker } from "./tracker.ts";

/** The state of a partition. `lag`, `waiting` and `active` are null if the event store or Redis did not answer in time. */
export type PartitionStatus = {
  readonly partition: number;
  readonly checkpoint: bigint;
  readonly lag: Lag | null;
  /** Batches waiting in the partition's queue, and those held by a worker. */
  readonly waiting: number | null;
  readonly active: number | null;
  readonly parkedKeys: number;
  /** Why the partition is stopped. */
  readonly stopped: Failure | null;
};

/**
 * The state of a build: live, building, or the newest one of the version, if it failed or there is no other any more. `build` is null, and
 * there are no partitions, if no build was added yet. A build that is being filled, has ended, or is of another release, has no partitions either.
 */
export type ReadModelStatus = {
  readonly readModel: string;
  readonly version: number;
  readonly build: string | null;
  readonly state: BuildState | null;
  /** Why it ended; of a build that `waits`, why the one before ended; of one that is `away`, why its store does not answer. */
  readonly reason?: string;
  /** Its store did not tell its checkpoints. The partitions are as they were known before; there are none in a process that has just started. */
  readonly away?: true;
  /** It is of a version or read model that this release does not have; `fed`: processes of its release feed or fill it. */
  readonly otherRelease?: { readonly fed: boolean };
  /** The progress of the fill, whether it is paused, and whether it waits; null once the build receives live events. */
  readonly fill: { readonly progress: FillProgress | null; readonly paused: boolean; readonly waits?: Waits } | null;
  /** The position of the last event that concerns the read model; null if unknown. */
  readonly head: bigint | null;
  readonly partitions: readonly PartitionStatus[];
};

export type ProjectionsStatus = {
  /** Every build of every read model, in the order of the registry, then those of other releases. Rejects when Postgres does not answer. */
  read(): Promise<readonly ReadModelStatus[]>;
  close(): Promise<void>;
};

/**
 * Reads the state of all read models: checkpoints and failures from the tracker and the catalog, lag from the event store,
 * queue lengths from Redis. If the event store or Redis does not answer in time, its part is null.
 */
export function createProjectionsStatus(dependencies: {
  readonly readModels: readonly ReadModel[];
  readonly tracker: ProgressTracker;
  readonly catalog: Pick<BuildCatalog, "failures" | "list" | "fedBuilds">;
  readonly eventStore: Pick<EventStore, "readAll" | "readLogEnd">;
  readonly redis: Redis;
  readonly logger: Logger;
  readonly timeoutMs?: number;
  /** See `Timing.logLag`, the default. */
  readonly logLagMs?: number;
}): ProjectionsStatus {
  const { readModels, tracker, catalog, eventStore, redis, logger, timeoutMs = 2_000, logLagMs } = dependencies;
  const queues = openQueueCounts(redis, logger);
  const lags = createLagCounter(eventStore, logLagMs);

  /** Closes the queues of ended builds, and forgets what is known of them. */
  const closeEnded = async () => {
    const builds = new Set(readModels.flatMap(({ name }) => tracker.of(name)?.builds ?? []).map(({ name }) => name));
    lags.keepOnly(builds);
    await queues.closeOthers(builds);
  };

  const orNull = async <Result>(what: string, work: Promise<Result>): Promise<Result | null> => {
    try {
      return await withTimeout(work, timeoutMs);
    } catch (error) {
      logger.debug({ err: error }, `the state of the read models lacks ${what}`);
      return null;
    }
  };

  const partitionsOf = async (found: BuildProgress): Promise<Pick<ReadModelStatus, "head" | "partitions">> => {
    const { build, partitionProgress } = found;
    const positions = partitionProgress.map(({ position }) => position);
    const late = AbortSignal.timeout(timeoutMs);
    const [failures, counts, lag] = await Promise.all([
      catalog.failures(build),
      orNull("the queues", queues.of(build)),
      orNull("the log", lags.count(build, positions, Date.now(), late)),
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

  const statusOf = async (
    { name, version }: ReadModel,
    records: readonly BuildRecord[],
  ): Promise<readonly ReadModelStatus[]> => {
    const status = { readModel: name, version };
    const nothing = { head: null, partitions: [] };
    const builds = tracker.of(name)?.builds ?? [];
    const ended = endedBuildOf(records, { name, version });
    const last: readonly ReadModelStatus[] = ended
      ? [{ ...status, build: ended.name, state: ended.state, ...reasonOf(ended), fill: null, ...nothing }]
      : [];
    if (builds.length + last.length === 0) return [{ ...status, build: null, state: null, fill: null, ...nothing }];
    const unended = await Promise.all(
      builds.map(async (found): Promise<ReadModelStatus> => {
        const { name: build, state } = found;
        const fill = fillOf(found);
        const reason = found.away ?? (fill?.waits && replacedBy(found, records)?.reason);
        const known = found.partitionProgress.length > 0 ? await partitionsOf(found) : nothing;
        return { ...status, build, state, ...(reason && { reason }), ...awayOf(found), fill, ...known };
      }),
    );
    return [...unended, ...last];
  };

  return {
    async read() {
      await tracker.refresh();
      await closeEnded();
      const records = await catalog.list();
      const own = await Promise.all(readModels.map((readModel) => statusOf(readModel, records)));
      return [...own.flat(), ...(await otherBuilds(catalog, readModels, records)).map(statusOfOther)];
    },
    async close() {
      await queues.close();
    },
  };
}

function fillOf({ filled, fillProgress: progress, paused, waits }: BuildRecord): ReadModelStatus["fill"] {
  return filled ? null : { progress, paused, ...(waits && { waits }) };
}

function awayOf({ away }: BuildProgress): Pick<ReadModelStatus, "away"> {
  return away === undefined ? {} : { away: true };
}

function statusOfOther({ fed, ...record }: OtherBuild): ReadModelStatus {
  const { readModel, version, name: build, state } = record;
  return { readModel, version, build, state, otherRelease: { fed }, fill: fillOf(record), head: null, partitions: [] };
}

/** The last build of the version before this one. */
function replacedBy({ readModel, version, number }: BuildRecord, records: readonly BuildRecord[]) {
  const before = records.filter((other) => other.readModel === readModel && other.version === version);
  return before.filter((other) => other.number < number).toSorted((a, b) => b.number - a.number)[0];
}

function reasonOf({ reason }: BuildRecord): Pick<ReadModelStatus, "reason"> {
  return reason === null ? {} : { reason };
}
