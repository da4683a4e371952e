import { partitionOf } from "./engine/core/partition.ts";
import type { ProgressTracker } from "./engine/progress/tracker.ts";

/**
 * The log position up to which all of these read models have applied the events of a partition key, as far as the tracker
 * knows: a lower bound. Undefined if one has no live build, or parks the key, so that earlier events are missing.
 */
export function seenUpTo(
  tracker: Pick<ProgressTracker, "of">,
  readModels: readonly string[],
  key: string,
): bigint | undefined {
  let least: bigint | undefined;
  for (const name of readModels) {
    const live = tracker.of(name)?.live;
    const progress = live?.partitionProgress[partitionOf(key, live.partitions)];
    if (progress === undefined || progress.parkedKeys.has(key)) return undefined;
    if (least === undefined || progress.position < least) least = progress.position;
  }
  return least;
}
