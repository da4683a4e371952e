import type { ConsistencyToken } from "../domain/consistencyToken.ts";
import type { Logger } from "../platform/logger.ts";
import type { ReadModel } from "./engine/core/declaration.ts";
import { partitionOf } from "./engine/core/partition.ts";
import type { ReadModelStore } from "./engine/ports/readModelStore.ts";
import type { ProgressTracker } from "./engine/progress/tracker.ts";

/** Maximum time that a query waits for its tokens, in milliseconds. */
const timeoutMs = 2_000;

/** A read model must include the events of a partition key (undefined: of all keys) up to a position before the query is answered. */
type Goal = { readonly readModel: string; readonly key: string | undefined; readonly position: bigint };

/** Waits until each of these read models includes what the tokens refer to, if it reads those categories; "stale" if one does not in time. */
export type WaitFor = (
  readModels: readonly string[],
  tokens: readonly ConsistencyToken[],
) => Promise<"current" | "stale">;

/**
 * The partition keys of a read model to which a token refers, undefined for any of them; empty if the read model does not read the
 * token's category.
 */
export function keysOfToken(
  { categories, partitionKey }: Pick<ReadModel, "categories" | "partitionKey">,
  { category, reader, books }: ConsistencyToken,
): readonly (string | undefined)[] {
  if (!categories.includes(category)) return [];
  if (partitionKey === "book") return books === "any" ? [undefined] : books;
  return reader === undefined ? [] : [reader];
}

/**
 * Read your writes (docs/architecture.md): a query waits for the partition of each key in its tokens, or for all partitions if a
 * token does not name its keys. `stale` after two seconds, for a parked key, and if the read model has no live build.
 */
export function createWaitFor(options: {
  readonly tracker: Pick<ProgressTracker, "of" | "reached" | "refreshed" | "refresh">;
  readonly store: Pick<ReadModelStore, "refresh">;
  readonly logger: Logger;
}): WaitFor {
  const { tracker, store, logger } = options;

  const goalsOf = (readModel: string, token: ConsistencyToken): readonly Goal[] => {
    const declared = tracker.of(readModel)?.readModel;
    const keys = declared === undefined ? [] : keysOfToken(declared, token);
    return keys.map((key) => ({ readModel, key, position: token.position }));
  };

  const isParked = (readModel: string, key: string | undefined): boolean => {
    const live = tracker.of(readModel)?.live;
    if (key === undefined) return live?.partitionProgress.some(({ parkedKeys }) => parkedKeys.size > 0) ?? false;
    return live?.partitionProgress[partitionOf(key, live.partitions)]?.parkedKeys.has(key) ?? false;
  };

  /** If the build is replaced during the wait, waits for the new live build (rule 19). */
  const meet = async ({ readModel, key, position }: Goal, until: number): Promise<boolean> => {
    for (;;) {
      const live = tracker.of(readModel)?.live;
      if (live === undefined) return false;
      const all = Array.from({ length: live.partitions }, (_, partition) => partition);
      const partitions = key === undefined ? all : [partitionOf(key, live.partitions)];
      const ms = Math.max(0, until - performance.now());
      const reached = await Promise.all(
        partitions.map((partition) => tracker.reached(live.build, partition, position, ms)),
      );
      if (reached.every(Boolean)) return !isParked(readModel, key);
      if (performance.now() >= until || tracker.of(readModel)?.live?.name === live.name) return false;
    }
  };

  /** After the checkpoints were read, so that queries find everything before them, and no kept response lacks it (rule 24c). */
  const refresh = async (readModels: Iterable<string>) => {
    const live = [...readModels].flatMap((name) => tracker.of(name)?.live?.build ?? []);
    await Promise.all(live.map((build) => tracker.refreshed(build.readModel.name, () => store.refresh(build))));
  };

  return async (readModels, tokens) => {
    try {
      // Before the first reading nothing is known about the read models, not even which categories they read.
      if (readModels.some((name) => tracker.of(name) === undefined)) await tracker.refresh();
      const until = performance.now() + timeoutMs;
      const goals = readModels.flatMap((name) => tokens.flatMap((token) => goalsOf(name, token)));
      const met = await Promise.all(goals.map((goal) => meet(goal, until)));
      const isLive = readModels.every((name) => tracker.of(name)?.live !== undefined);
      await refresh(new Set(goals.map(({ readModel }) => readModel)));
      return isLive && met.every(Boolean) ? "current" : "stale";
    } catch (error) {
      logger.warn({ err: error }, "cannot tell how far the read models are");
      return "stale";
    }
  };
}
