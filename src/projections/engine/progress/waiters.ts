import type { PartitionId } from "../core/build.ts";

type Waiter = { readonly position: bigint; readonly done: (reached: boolean) => void };

/**
 * Creates the list of waiters for positions of partitions, in the order of the positions: the cost of an advance
 * depends on the waiters that it wakes, not on all.
 */
export function createWaiters() {
  const waiting = new Map<PartitionId, Waiter[]>();

  const remove = (partition: PartitionId, waiter: Waiter) => {
    const all = waiting.get(partition);
    const index = all?.indexOf(waiter) ?? -1;
    if (all === undefined || index < 0) return;
    all.splice(index, 1);
    if (all.length === 0) waiting.delete(partition);
  };

  return {
    /** Resolves with true once `advanced` has said so, with false after `ms` or when the partition was given up. */
    wait(partition: PartitionId, position: bigint, ms: number): Promise<boolean> {
      return new Promise((resolve) => {
        const done = (reached: boolean) => {
          clearTimeout(timer);
          resolve(reached);
        };
        const waiter: Waiter = { position, done };
        const timer = setTimeout(() => {
          remove(partition, waiter);
          done(false);
        }, ms);
        const all = waiting.get(partition) ?? [];
        waiting.set(partition, all);
        all.splice(firstAbove(all, position), 0, waiter);
      });
    },

    advanced(partition: PartitionId, position: bigint): void {
      const all = waiting.get(partition);
      if (all === undefined) return;
      const woken = all.splice(0, firstAbove(all, position));
      if (all.length === 0) waiting.delete(partition);
      for (const { done } of woken) done(true);
    },

    /** The partition no longer advances. */
    giveUp(partition: PartitionId): void {
      const all = waiting.get(partition) ?? [];
      waiting.delete(partition);
      for (const { done } of all) done(false);
    },

    /** Whether there is a waiter for this partition; without an argument, for any. */
    isWaitedFor: (partition?: PartitionId): boolean =>
      partition === undefined ? waiting.size > 0 : waiting.has(partition),
  };
}

/** The index of the first waiter above the position. */
function firstAbove(all: readonly Waiter[], position: bigint): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((all[middle] as Waiter).position <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
