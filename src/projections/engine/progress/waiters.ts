type Waiter = { readonly position: bigint; readonly done: (reached: boolean) => void };

/**
 * Those who wait until a place (a partition of a build) has come to a position, in the order of their positions: an advance
 * costs what it wakes, however many wait.
 */
export function createWaiters() {
  const waiting = new Map<string, Waiter[]>();

  const remove = (place: string, waiter: Waiter) => {
    const all = waiting.get(place);
    const index = all?.indexOf(waiter) ?? -1;
    if (all === undefined || index < 0) return;
    all.splice(index, 1);
    if (all.length === 0) waiting.delete(place);
  };

  return {
    /** Resolves with true once `advanced` has said so, with false after `ms` or when the place was given up. */
    wait(place: string, position: bigint, ms: number): Promise<boolean> {
      return new Promise((resolve) => {
        const done = (reached: boolean) => {
          clearTimeout(timer);
          resolve(reached);
        };
        const waiter: Waiter = { position, done };
        const timer = setTimeout(() => {
          remove(place, waiter);
          done(false);
        }, ms);
        const all = waiting.get(place) ?? [];
        waiting.set(place, all);
        all.splice(firstAbove(all, position), 0, waiter);
      });
    },

    advanced(place: string, position: bigint): void {
      const all = waiting.get(place);
      if (all === undefined) return;
      const woken = all.splice(0, firstAbove(all, position));
      if (all.length === 0) waiting.delete(place);
      for (const { done } of woken) done(true);
    },

    /** The place advances no more. */
    giveUp(place: string): void {
      const all = waiting.get(place) ?? [];
      waiting.delete(place);
      for (const { done } of all) done(false);
    },

    isWaitedFor: (): boolean => waiting.size > 0,

    /** The places that somebody waits for. */
    places: (): Iterable<string> => waiting.keys(),
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
