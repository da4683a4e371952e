import type { Written } from "../domain/consistencyToken.ts";
import type { Logger } from "../platform/logger.ts";
import type { ReadModel } from "./engine/core/declaration.ts";
import { partitionOf } from "./engine/core/partition.ts";
import type { ReadModelStore } from "./engine/ports/readModelStore.ts";
import type { ProgressTracker } from "./engine/progress/tracker.ts";

/** How long a query waits for what its tokens name. */
const patienceMs = 2_000;

/** A partition key that a read model must have seen up to a position before a query may be answered. */
type Goal = { readonly readModel: string; readonly key: string; readonly position: bigint };

/** Waits until each named read model has applied what the tokens name, as far as it is fed by their categories. */
export type WaitForWritten = (
  readModels: readonly string[],
  written: readonly Written[],
) => Promise<"current" | "stale">;

/** The partition keys of a read model that a token names: none when its category does not feed the read model. */
export function keysNamed(
  { categories, partitionKey }: Pick<ReadModel, "categories" | "partitionKey">,
  { category, reader, books }: Written,
): readonly string[] {
  if (!categories.includes(category)) return [];
  if (partitionKey === "book") return books;
  return reader === undefined ? [] : [reader];
}

/**
 * Read your writes (docs/architecture.md): a query waits for the partition of each key that its tokens name. `stale` after two
 * seconds, for a key that is parked, and when the read model has no live build.
 */
export function createConsistency(options: {
  readonly tracker: Pick<ProgressTracker, "of" | "reached" | "look">;
  readonly store: Pick<ReadModelStore, "refresh">;
  readonly logger: Logger;
}): WaitForWritten {
  const { tracker, store, logger } = options;

  const goalsOf = (readModel: string, written: Written): readonly Goal[] => {
    const declared = tracker.of(readModel)?.readModel;
    const keys = declared === undefined ? [] : keysNamed(declared, written);
    return keys.map((key) => ({ readModel, key, position: written.position }));
  };

  const isParked = (readModel: string, key: string): boolean => {
    const live = tracker.of(readModel)?.live;
    return live?.partitionProgress[partitionOf(key, live.partitions)]?.parkedKeys.has(key) ?? false;
  };

  /** A build that went away while it was waited for is replaced by the one that is live now (rule 19). */
  const meet = async ({ readModel, key, position }: Goal, until: number): Promise<boolean> => {
    for (;;) {
      const live = tracker.of(readModel)?.live;
      if (live === undefined) return false;
      const partition = partitionOf(key, live.partitions);
      const reached = await tracker.reached(live.build, partition, position, Math.max(0, until - performance.now()));
      if (reached) return !isParked(readModel, key);
      if (performance.now() >= until || tracker.of(readModel)?.live?.name === live.name) return false;
    }
  };

  /** After the checkpoints were read: what they stand for is found then (rule 25). */
  const refresh = async (readModels: Iterable<string>) => {
    const live = [...readModels].flatMap((name) => tracker.of(name)?.live?.build ?? []);
    await Promise.all(live.map((build) => store.refresh(build)));
  };

  return async (readModels, written) => {
    try {
      // Before the first look nothing is known of the read models, not even which categories feed them.
      if (readModels.some((name) => tracker.of(name) === undefined)) await tracker.look();
      const until = performance.now() + patienceMs;
      const goals = readModels.flatMap((name) => written.flatMap((token) => goalsOf(name, token)));
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
