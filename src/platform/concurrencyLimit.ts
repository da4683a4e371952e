/** Limits how many pieces of work run at once; waiting ones start in the order of their arrival. */
export type ConcurrencyLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * At most `most` at once. With `patienceMs`, one that takes longer gives its place to the next, so that a few that wait, for a lock for
 * instance, hold up nobody else.
 */
export function createConcurrencyLimit(most: number, patienceMs?: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    // Hand the place over directly, so that a newcomer cannot overtake the waiters.
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let hasPlace = true;
    const leave = () => {
      if (!hasPlace) return;
      hasPlace = false;
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    };
    const patience = patienceMs === undefined ? undefined : setTimeout(leave, patienceMs);
    try {
      return await work();
    } finally {
      clearTimeout(patience);
      leave();
    }
  };
}
