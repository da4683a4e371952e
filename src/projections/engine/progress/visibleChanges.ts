import { type PartitionId, partitionId } from "../core/build.ts";
import type { ChangeNumbers } from "./changeNumbers.ts";

/**
 * For stores that show a commit to queries only some time later: numbers a change a second time when it is visible. A response
 * that was computed in between may lack it, and would otherwise count as up to date until the next change.
 */
export function createVisibleChanges(changes: Pick<ChangeNumbers, "changedPartition">) {
  /** When the last change of a partition is visible; each has a timer. */
  const visibleAt = new Map<PartitionId, number>();

  const waitFor = (id: PartitionId, readModel: string, partition: number) => {
    const ms = (visibleAt.get(id) ?? 0) - performance.now();
    setTimeout(() => {
      changes.changedPartition(readModel, partition);
      if ((visibleAt.get(id) ?? 0) > performance.now()) waitFor(id, readModel, partition);
      else visibleAt.delete(id);
    }, ms).unref();
  };

  return (readModel: string, partition: number, withinMs: number): void => {
    if (withinMs <= 0) return;
    const id = partitionId(readModel, partition);
    const isWaiting = visibleAt.has(id);
    visibleAt.set(id, performance.now() + withinMs);
    if (!isWaiting) waitFor(id, readModel, partition);
  };
}
