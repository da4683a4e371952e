import { type PartitionId, partitionId } from "../core/build.ts";
import type { ChangeNumbers } from "./changeNumbers.ts";

/** A partition with changes that were not visible when they were noted. */
type ChangedPartition = {
  readonly readModel: string;
  readonly partition: number;
  /** The number of noted changes, and the number of those that a refresh has certainly shown. */
  noted: number;
  shown: number;
  /** When the last one is visible, and whether a timer waits for that. */
  visibleAt: number;
  isTimed: boolean;
};

/**
 * For stores that show a commit to queries only some time later: numbers a change a second time when it is visible. A response
 * that was computed in between may lack it, and would otherwise count as up to date until the next change.
 */
export function createVisibleChanges(changes: Pick<ChangeNumbers, "changedPartition">) {
  const partitions = new Map<PartitionId, ChangedPartition>();

  const waitFor = (changed: ChangedPartition) => {
    changed.isTimed = true;
    setTimeout(() => {
      if (changed.shown < changed.noted) changes.changedPartition(changed.readModel, changed.partition);
      if (changed.visibleAt > performance.now()) waitFor(changed);
      else changed.isTimed = false;
    }, changed.visibleAt - performance.now()).unref();
  };

  return {
    note(readModel: string, partition: number, withinMs: number): void {
      if (withinMs <= 0) return;
      const id = partitionId(readModel, partition);
      const visibleAt = performance.now() + withinMs;
      const changed = partitions.get(id) ?? { readModel, partition, noted: 0, shown: 0, visibleAt, isTimed: false };
      partitions.set(id, changed);
      changed.noted++;
      changed.visibleAt = visibleAt;
      if (!changed.isTimed) waitFor(changed);
    },

    /**
     * Runs a refresh. Changes noted before it began are visible when it has ended, even if that takes longer than
     * usual.
     */
    async refreshed(readModel: string, refresh: () => Promise<void>): Promise<void> {
      const hidden = [...partitions.values()].filter(
        (changed) => changed.readModel === readModel && changed.shown < changed.noted,
      );
      const begun = hidden.map((changed) => [changed, changed.noted] as const);
      await refresh();
      for (const [changed, noted] of begun) {
        if (changed.shown >= noted) continue;
        changed.shown = noted;
        changes.changedPartition(readModel, changed.partition);
      }
    },
  };
}
