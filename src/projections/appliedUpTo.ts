import { partitionOf } from "./engine/core/partition.ts";
import type { ProgressTracker } from "./engine/progress/tracker.ts";
import type { ReadModelName } from "./registry.ts";

/** Up to where a read model has applied the events of a partition key: the last of them, its id if it is known, and the live build. */
export type AppliedPoint = { readonly position: bigint; readonly eventId: string | undefined; readonly build: string };

/**
 * The log position up to which each of these read models has applied the events of a partition key, as far as the process knows:
 * lower bounds. A read model is missing if it has no live build, or parks the key, so that earlier events are missing.
 */
export type AppliedUpTo = (
  readModels: readonly ReadModelName[],
  key: string,
) => ReadonlyMap<ReadModelName, AppliedPoint>;

/** `tracker` knows the progress of the builds. */
export function createAppliedUpTo(tracker: Pick<ProgressTracker, "of">): AppliedUpTo {
  return (readModels, key) => {
    const applied = new Map<ReadModelName, AppliedPoint>();
    for (const name of readModels) {
      const live = tracker.of(name)?.live;
      const progress = live?.partitionProgress[partitionOf(key, live.partitions)];
      if (live === undefined || progress === undefined || progress.parkedKeys.has(key)) continue;
      applied.set(name, { position: progress.position, eventId: progress.eventId, build: live.build.name });
    }
    return applied;
  };
}
