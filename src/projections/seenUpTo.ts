import { partitionOf } from "./engine/core/partition.ts";
import type { ProgressTracker } from "./engine/progress/tracker.ts";

/**
 * The log position up to which each of these read models has applied the events of a partition key, as far as the tracker knows:
 * lower bounds. A read model is missing if it has no live build, or parks the key, so that earlier events are missing.
 */
export function seenUpTo<Name extends string>(
  tracker: Pick<ProgressTracker, "of">,
  readModels: readonly Name[],
  key: string,
): ReadonlyMap<Name, bigint> {
  const seen = new Map<Name, bigint>();
  for (const name of readModels) {
    const live = tracker.of(name)?.live;
    const progress = live?.partitionProgress[partitionOf(key, live.partitions)];
    if (progress !== undefined && !progress.parkedKeys.has(key)) seen.set(name, progress.position);
  }
  return seen;
}
