import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import { withTimeout } from "../../../platform/withTimeout.ts";
import type { Build } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";
import { partitionOf } from "../core/partition.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { listen } from "../transport/signals.ts";
import { createChangeNumbers } from "./changeNumbers.ts";
import { createPartitionProgress, type PartitionProgress } from "./partitionProgress.ts";

/** The intervals at which the checkpoints are read, normally and while queries wait, and the maximum age of the last reading. */
const pollEveryMs = 1_000;
const pollWhileWaitedForMs = 50;
const knownForMs = 3_000;
/** Maximum time for the checkpoints of a build in another store than the catalog's. */
const outsidePatienceMs = 500;

/** A source of a response: the rows of one partition key of a read model, or all its rows. */
export type Source = { readonly readModel: string; readonly key?: string | undefined };

/** A build that is live or building. Its partitions have no progress before it is fed. */
export type BuildProgress = BuildRecord & {
  readonly build: Build;
  readonly partitionProgress: readonly PartitionProgress[];
  /** Why the store that its rows are in does not tell how far it is. What is known is of before. */
  readonly away?: string;
};

/** A read model in this process: its live build, if there is one, and all its builds that have not ended. */
export type ReadModelProgress = {
  readonly readModel: ReadModel;
  readonly live: BuildProgress | undefined;
  readonly builds: readonly BuildProgress[];
};

/**
 * The progress of the read models, for all uses in a process. It listens to the workers' signals and also reads the
 * checkpoints each second, since a signal may be lost. Progress and changes are recorded in one step.
 */
export type ProgressTracker = {
  /** As of the last reading. `live` undefined: queries of the read model cannot be answered. */
  of(readModel: string): ReadModelProgress | undefined;
  /** Resolves with true when a partition of a live build has reached `position`; with false after `ms`, or if the build was dropped. */
  reached(build: Build, partition: number, position: bigint, ms: number): Promise<boolean>;
  /** The number of the last change; undefined while changes may be missed. Read it before any rows. */
  now(): number | undefined;
  /** Whether none of the sources changed after the change of this number, as far as is known. */
  unchangedSince(change: number, sources: readonly Source[]): boolean;
  /**
   * Runs a refresh of the store. When it has ended, changes that an earlier response may lack count as changed again.
   */
  refreshed(readModel: string, refresh: () => Promise<void>): Promise<void>;
  /** Reads catalog and checkpoints now; concurrent calls share one reading. Rejects if they cannot be read. */
  refresh(): Promise<void>;
  close(): void;
};

export function createProgressTracker(options: {
  readonly readModels: readonly ReadModel[];
  readonly catalog: Pick<BuildCatalog, "buildsOf">;
  readonly store: Pick<ReadModelStore, "checkpoints" | "parkedKeys" | "visibleWithinMs">;
  /** For signals alone; without it the checkpoints are read only when `refresh` is called. */
  readonly subscriber?: Redis;
  readonly logger: Logger;
}): ProgressTracker {
  const { readModels, catalog, store, subscriber, logger } = options;
  const changes = createChangeNumbers();
  const partitions = createPartitionProgress(store, changes);
  const known = new Map<string, ReadModelProgress>();
  let refreshedAt = Number.NEGATIVE_INFINITY;

  /** By build, the request in progress. Callers share it, and each waits for it for a limited time. */
  const asked = new Map<string, Promise<readonly PartitionProgress[]>>();
  const refreshOutside = (
    build: Build,
    live: boolean,
    becameLive: boolean,
  ): Promise<readonly PartitionProgress[] | { readonly away: string }> => {
    const question =
      asked.get(build.name) ?? partitions.refresh(build, live, becameLive).finally(() => asked.delete(build.name));
    asked.set(build.name, question);
    return withTimeout(question, outsidePatienceMs).catch((error: unknown) => {
      logger.debug({ err: error, build: build.name }, "cannot read how far a build is");
      return { away: (error as Error).message };
    });
  };

  const refreshReadModel = async (readModel: ReadModel) => {
    const records = await catalog.buildsOf(readModel);
    const before = known.get(readModel.name);
    const builds: BuildProgress[] = [];
    for (const record of records) {
      const { build, state, filled } = record;
      const live = state === "live";
      if (!live && !filled) builds.push({ ...record, partitionProgress: [] });
      else {
        const becameLive = live && before?.live?.name !== build.name;
        // A store beside the catalog's may be away, and nothing else is to wait for it.
        const progress =
          build.store === undefined
            ? await partitions.refresh(build, live, becameLive)
            : await refreshOutside(build, live, becameLive);
        const old = before?.builds.find(({ name }) => name === build.name)?.partitionProgress ?? [];
        builds.push({
          ...record,
          ...("away" in progress ? { partitionProgress: old, ...progress } : { partitionProgress: progress }),
        });
      }
    }
    known.set(readModel.name, { readModel, live: builds.find(({ state }) => state === "live"), builds });
    // After the successor is known: queries that waited for the ended build find it at once.
    for (const { build } of before?.builds ?? []) {
      if (!records.some(({ name }) => name === build.name)) partitions.forget(build);
    }
  };

  let refreshing: Promise<void> | undefined;
  const refresh = () => {
    refreshing ??= (async () => {
      const begun = performance.now();
      const results = await Promise.allSettled(readModels.map(refreshReadModel));
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      refreshedAt = begun;
    })().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };
  const quietly = (work: Promise<unknown>) =>
    work.catch((error: unknown) => logger.debug({ err: error }, "cannot read how far the read models are"));

  let rereading = false;
  const refreshWaitedFor = async () => {
    if (rereading || !partitions.isWaitedFor()) return;
    rereading = true;
    const refreshBuild = (build: Build, live: boolean) =>
      build.store === undefined ? partitions.refresh(build, live, false) : refreshOutside(build, live, false);
    await quietly(partitions.refreshWaitedFor(refreshBuild));
    rereading = false;
  };

  const timers: NodeJS.Timeout[] = [];
  if (subscriber !== undefined) {
    listen(subscriber, "advanced", partitions.noteAdvanced);
    listen(subscriber, "changed", partitions.noteChanged);
    listen(subscriber, "builds", () => void quietly(refresh()));
    timers.push(setInterval(() => void quietly(refresh()), pollEveryMs).unref());
    timers.push(setInterval(refreshWaitedFor, pollWhileWaitedForMs).unref());
    void quietly(refresh());
  }

  const lastChangeOf = ({ readModel, key }: Source): number => {
    const live = known.get(readModel)?.live;
    if (live === undefined) return changes.last();
    // Changes may be missed.
    if (live.away !== undefined) return Number.POSITIVE_INFINITY;
    if (key === undefined) return changes.lastOf(readModel);
    return changes.lastOfKey(readModel, key, partitionOf(key, live.partitions));
  };

  return {
    of(readModel) {
      const progress = known.get(readModel);
      if (progress === undefined) return undefined;
      const builds = progress.builds.map((build) => ({
        ...build,
        partitionProgress: build.partitionProgress.map((old, partition) => partitions.of(build, partition) ?? old),
      }));
      return { ...progress, builds, live: builds.find(({ state }) => state === "live") };
    },
    reached: partitions.reached,
    now: () => (performance.now() - refreshedAt > knownForMs ? undefined : changes.last()),
    unchangedSince: (change, sources) => sources.every((source) => lastChangeOf(source) <= change),
    refreshed: partitions.refreshed,
    refresh,
    close() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/**
 * Returns whether each read model has a live build; if not, the builds are read again first. Rejects when nothing is known and
 * that fails.
 */
export async function areLive(
  tracker: Pick<ProgressTracker, "of" | "refresh">,
  readModels: readonly string[],
): Promise<boolean> {
  const live = () => readModels.every((name) => tracker.of(name)?.live !== undefined);
  if (live()) return true;
  await tracker.refresh();
  return live();
}
