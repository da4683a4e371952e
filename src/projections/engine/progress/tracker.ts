import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";
import { partitionOf } from "../core/partition.ts";
import type { BuildCatalog, BuildRecord } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { type Advanced, type Changed, listen } from "../transport/signals.ts";
import { createChangeNumbers } from "./changeNumbers.ts";
import { createWaiters } from "./waiters.ts";

/** How often the checkpoints are read, and while somebody waits; and how old the last reading may be to be relied upon. */
const lookEveryMs = 1_000;
const lookWhileWaitedForMs = 50;
const knownForMs = 3_000;

/** What something was made of: the rows of one partition key of a read model, or all its rows. */
export type Source = { readonly readModel: string; readonly key?: string | undefined };

/** How far a partition is, as this process knows it. */
export type PartitionProgress = { readonly position: bigint; readonly parkedKeys: ReadonlySet<string> };

/** A build that is live or being built; it has no partitions to speak of before it is fed. */
export type BuildProgress = BuildRecord & {
  readonly build: Build;
  readonly partitionProgress: readonly PartitionProgress[];
};

/** A read model in this process: its live build, if there is one, and all its builds that have not ended. */
export type ReadModelProgress = {
  readonly readModel: ReadModel;
  readonly live: BuildProgress | undefined;
  readonly builds: readonly BuildProgress[];
};

/**
 * How far the read models are, for all that a process wants to know of it: it listens to the workers' signals and reads the
 * checkpoints underneath, each second, since a signal may be lost. Progress and change are noticed in one step.
 */
export type ProgressTracker = {
  /** As of the last look. `live` undefined: queries of the read model cannot be answered. */
  of(readModel: string): ReadModelProgress | undefined;
  /** Resolves with true when a partition of a live build is at `position` or past it; false after `ms`, or when the build went. */
  reached(build: Build, partition: number, position: bigint, ms: number): Promise<boolean>;
  /** The number of the last change; undefined while changes may go unnoticed. Take it before anything is read. */
  now(): number | undefined;
  /** Whether none of the sources changed after the change of this number, as far as is known. */
  unchangedSince(change: number, sources: readonly Source[]): boolean;
  /** Reads catalog and checkpoints now; those who ask meanwhile share the answer. Rejects when they cannot be read. */
  look(): Promise<void>;
  close(): void;
};

export function createProgressTracker(options: {
  readonly readModels: readonly ReadModel[];
  readonly catalog: Pick<BuildCatalog, "buildsOf">;
  readonly store: Pick<ReadModelStore, "checkpoints" | "parked">;
  /** For signals alone; without it the checkpoints are read only when `look` is called. */
  readonly subscriber?: Redis;
  readonly logger: Logger;
}): ProgressTracker {
  const { readModels, catalog, store, subscriber, logger } = options;
  const changes = createChangeNumbers();
  const waiters = createWaiters();
  const known = new Map<string, ReadModelProgress>();
  const fed = new Map<string, { readonly build: Build; readonly live: boolean }>();
  const partitions = new Map<string, PartitionProgress>();
  /** What was parked in a partition at the last look: a retry changes rows and leaves the checkpoint where it is. */
  const parkedBefore = new Map<string, string>();
  let lookedAt = Number.NEGATIVE_INFINITY;

  const placeOf = (build: { readonly name: string }, partition: number) => `${build.name} ${partition}`;

  const note = (place: string, progress: PartitionProgress) => {
    partitions.set(place, progress);
    waiters.advanced(place, progress.position);
  };

  const noteSignal = ({ build: name, partition, position, after, keys, parkedKeys }: Advanced) => {
    const found = fed.get(name);
    if (found === undefined) return;
    const { build, live } = found;
    const place = placeOf(build, partition);
    const before = partitions.get(place);
    if (before !== undefined && before.position >= position) return;
    const { name: readModel } = build.readModel;
    if (live && (before === undefined || before.position < after || keys === undefined)) {
      changes.changedPartition(readModel, partition);
    } else if (live && keys !== undefined) changes.changedKeys(readModel, keys);
    note(place, { position, parkedKeys: new Set(parkedKeys) });
  };

  const noteChanged = ({ build: name, partition, keys, parkedKeys }: Changed) => {
    const found = fed.get(name);
    if (found === undefined) return;
    const { build, live } = found;
    if (live && keys === undefined) changes.changedPartition(build.readModel.name, partition);
    else if (live && keys !== undefined) changes.changedKeys(build.readModel.name, keys);
    const place = placeOf(build, partition);
    const known = partitions.get(place);
    if (known !== undefined) note(place, { ...known, parkedKeys: new Set(parkedKeys) });
  };

  /** Checkpoints first, then the parked keys (rule 25), so that a key that was parked meanwhile is among them. */
  const readPartitions = async (
    build: Build,
  ): Promise<readonly (PartitionProgress & { readonly parked: string })[]> => {
    const checkpoints = await store.checkpoints(build);
    const anyParked = checkpoints.some(({ parkedKeys }) => parkedKeys > 0);
    const parked = anyParked ? await store.parked(build) : [];
    return checkpoints.map(({ position }, partition) => {
      const own = parked.filter((key) => key.partition === partition);
      return {
        position,
        parkedKeys: new Set(own.map(({ key }) => key)),
        parked: JSON.stringify(own.map(({ key, eventId }) => [key, eventId])),
      };
    });
  };

  const lookAtBuild = async (build: Build, live: boolean, becameLive: boolean) => {
    const before = new Map(partitions);
    const found = await readPartitions(build);
    // Forgotten meanwhile: nothing more is noted of it.
    if (!fed.has(build.name)) return found;
    return found.map(({ parked, ...progress }, partition) => {
      const place = placeOf(build, partition);
      const retried = parkedBefore.has(place) && parkedBefore.get(place) !== parked;
      parkedBefore.set(place, parked);
      // Signals may have come since the checkpoint was read; one that went back is of a build that was made anew.
      const latest = partitions.get(place);
      const ahead = latest === undefined || progress.position > latest.position;
      const back = progress.position < (before.get(place)?.position ?? beforeTheLog);
      if (live && (becameLive || ahead || back || retried)) changes.changedPartition(build.readModel.name, partition);
      if (!ahead && !back && progress.position !== latest.position) return latest;
      note(place, progress);
      return progress;
    });
  };

  const lookAt = async (readModel: ReadModel) => {
    const records = await catalog.buildsOf(readModel);
    const before = known.get(readModel.name);
    const builds: BuildProgress[] = [];
    for (const record of records) {
      const { build, state, filled } = record;
      const live = state === "live";
      if (!live && !filled) builds.push({ ...record, partitionProgress: [] });
      else {
        fed.set(build.name, { build, live });
        const becameLive = live && before?.live?.name !== build.name;
        builds.push({ ...record, partitionProgress: await lookAtBuild(build, live, becameLive) });
      }
    }
    known.set(readModel.name, { readModel, live: builds.find(({ state }) => state === "live"), builds });
    // After the successor is known: who waited for a build that went looks for it at once.
    for (const { build } of before?.builds ?? []) {
      if (!records.some(({ name }) => name === build.name)) forget(build);
    }
  };

  const forget = (build: Build) => {
    fed.delete(build.name);
    for (let partition = 0; partition < build.partitions; partition++) {
      partitions.delete(placeOf(build, partition));
      parkedBefore.delete(placeOf(build, partition));
      waiters.giveUp(placeOf(build, partition));
    }
  };

  let looking: Promise<void> | undefined;
  const look = () => {
    looking ??= (async () => {
      const begun = performance.now();
      const looks = await Promise.allSettled(readModels.map(lookAt));
      const failed = looks.find((look) => look.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      lookedAt = begun;
    })().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const quietly = (work: Promise<unknown>) =>
    work.catch((error: unknown) => logger.debug({ err: error }, "cannot read how far the read models are"));

  let rereading = false;
  const rereadWaitedFor = async () => {
    if (rereading) return;
    const places = [...waiters.places()];
    const waitedFor = [...fed.values()].filter(({ build }) =>
      places.some((place) => place.startsWith(`${build.name} `)),
    );
    rereading = true;
    await quietly(Promise.all(waitedFor.map(({ build, live }) => lookAtBuild(build, live, false))));
    rereading = false;
  };

  const timers: NodeJS.Timeout[] = [];
  if (subscriber !== undefined) {
    listen(subscriber, "advanced", noteSignal);
    listen(subscriber, "changed", noteChanged);
    listen(subscriber, "builds", () => void quietly(look()));
    timers.push(setInterval(() => void quietly(look()), lookEveryMs).unref());
    timers.push(setInterval(rereadWaitedFor, lookWhileWaitedForMs).unref());
    void quietly(look());
  }

  const lastChangeOf = ({ readModel, key }: Source): number => {
    const live = known.get(readModel)?.live;
    if (live === undefined) return changes.last();
    if (key === undefined) return changes.lastOf(readModel);
    return changes.lastOfKey(readModel, key, partitionOf(key, live.partitions));
  };

  return {
    of(readModel) {
      const progress = known.get(readModel);
      if (progress === undefined) return undefined;
      const builds = progress.builds.map((build) => ({
        ...build,
        partitionProgress: build.partitionProgress.map(
          (old, partition) => partitions.get(placeOf(build, partition)) ?? old,
        ),
      }));
      return { ...progress, builds, live: builds.find(({ state }) => state === "live") };
    },
    async reached(build, partition, position, ms) {
      const place = placeOf(build, partition);
      if ((partitions.get(place)?.position ?? beforeTheLog) >= position) return true;
      if (!fed.has(build.name)) return false;
      return waiters.wait(place, position, ms);
    },
    now: () => (performance.now() - lookedAt > knownForMs ? undefined : changes.last()),
    unchangedSince: (change, sources) => sources.every((source) => lastChangeOf(source) <= change),
    look,
    close() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** Whether each read model has a live build; who says no looks first. Rejects when nothing is known and the look fails. */
export async function areLive(
  tracker: Pick<ProgressTracker, "of" | "look">,
  readModels: readonly string[],
): Promise<boolean> {
  const live = () => readModels.every((name) => tracker.of(name)?.live !== undefined);
  if (live()) return true;
  await tracker.look();
  return live();
}
