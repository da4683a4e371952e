import { LRUCache } from "lru-cache";
import type { Logger } from "../platform/logger.ts";
import type { Pool } from "../platform/postgres.ts";
import type { Redis } from "../platform/redis.ts";
import { beforeTheLog } from "./engine/batch.ts";
import { findBuild, type LiveBuild } from "./engine/build.ts";
import { readCheckpoints } from "./engine/checkpoints.ts";
import type { ReadModel } from "./engine/declaration.ts";
import { partitionOf } from "./engine/partition.ts";
import { type Advanced, listen } from "./engine/signals.ts";

/** How often the checkpoints are looked at, and how old the last look may be before nothing is known any more. */
const lookEveryMs = 1_000;
const knownForMs = 3_000;

/** Partition keys whose last change is remembered, some 10 MB; of a key that is forgotten the latest forgotten change counts. */
const rememberedKeys = 50_000;

/** What something was made of: the rows of one partition key of a read model, or all its rows. */
export type Source = { readonly readModel: string; readonly key?: string | undefined };

/** What an API process knows of when read models changed. Changes are numbered as they are noticed. */
export type Changes = {
  /** The number of the last change; undefined while changes may go unnoticed. Take it before anything is read. */
  now(): number | undefined;
  /** Whether none of the sources changed after the change of this number, as far as is known. */
  unchangedSince(change: number, sources: readonly Source[]): boolean;
  /** Looks at the checkpoints now. Never rejects. */
  look(): Promise<void>;
  close(): void;
};

/**
 * Notices changes by the workers' signals, a few milliseconds after their commit. A signal may be lost: one that does not
 * begin where the one before ended, and a checkpoint that is further than the signals told, count as a change of the whole
 * partition. So a change goes unnoticed for a second at most, or for three when Postgres cannot be asked.
 */
export function createChanges(options: {
  readonly readModels: readonly ReadModel[];
  readonly pool: Pool;
  /** For signals alone. */
  readonly subscriber: Redis;
  readonly logger: Logger;
}): Changes {
  const { readModels, pool, logger } = options;
  let last = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let forgotten = 0;
  const live = new Map<string, LiveBuild>();
  const positions = new Map<string, bigint>();
  const ofReadModels = new Map<string, number>();
  const ofPartitions = new Map<string, number>();
  const ofKeys = new LRUCache<string, number>({
    max: rememberedKeys,
    dispose: (change, _key, reason) => {
      if (reason === "evict") forgotten = Math.max(forgotten, change);
    },
  });

  /** The number of a new change of the read model. */
  const note = (readModel: string): number => {
    last++;
    ofReadModels.set(readModel, last);
    return last;
  };
  const notePartition = (readModel: string, partition: number) =>
    void ofPartitions.set(`${readModel} ${partition}`, note(readModel));

  const noteSignal = ({ build, partition, position, after, keys }: Advanced) => {
    const name = readModels.find((readModel) => live.get(readModel.name)?.schema === build)?.name;
    if (name === undefined) return;
    const place = `${build} ${partition}`;
    const known = positions.get(place);
    if (known !== undefined && known >= position) return;
    positions.set(place, position);
    if (known === undefined || known < after || keys === undefined) return notePartition(name, partition);
    if (keys.length === 0) return;
    const change = note(name);
    for (const key of keys) ofKeys.set(`${name} ${key}`, change);
  };
  listen(options.subscriber, "advanced", noteSignal);

  const lookAt = async (readModel: ReadModel) => {
    const build = await findBuild(pool, readModel);
    if (build === undefined) throw new Error(`read model ${readModel.name} has no live build yet`);
    const before = new Map(positions);
    const checkpoints = await readCheckpoints(pool, build);
    const isNew = live.get(readModel.name)?.schema !== build.schema;
    live.set(readModel.name, build);
    checkpoints.forEach(({ position }, partition) => {
      const place = `${build.schema} ${partition}`;
      // Signals may have come since the checkpoint was read; one that went back is of a build that was made anew.
      const known = positions.get(place);
      const ahead = known === undefined || position > known;
      const back = position < (before.get(place) ?? beforeTheLog);
      if (ahead || back) positions.set(place, position);
      if (isNew || ahead || back) notePartition(readModel.name, partition);
    });
  };

  const look = async () => {
    const begun = performance.now();
    try {
      for (const readModel of readModels) await lookAt(readModel);
      lookedAt = begun;
    } catch (error) {
      logger.debug({ err: error }, "cannot look at the checkpoints; no answer is kept meanwhile");
    }
  };
  let looking: Promise<void> | undefined;
  const lookOnce = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(lookOnce, lookEveryMs).unref();
  void lookOnce();

  const lastChangeOf = ({ readModel, key }: Source): number => {
    const build = live.get(readModel);
    if (build === undefined) return last;
    if (key === undefined) return ofReadModels.get(readModel) ?? 0;
    const ofKey = ofKeys.get(`${readModel} ${key}`) ?? forgotten;
    return Math.max(ofKey, ofPartitions.get(`${readModel} ${partitionOf(key, build.partitions)}`) ?? 0);
  };

  return {
    now: () => (performance.now() - lookedAt > knownForMs ? undefined : last),
    unchangedSince: (change, sources) => sources.every((source) => lastChangeOf(source) <= change),
    look: lookOnce,
    close: () => clearInterval(timer),
  };
}
