/** Runs tasks, in order, as slots become free. */
export type ConcurrencyLimit = <Result>(task: () => Promise<Result>) => Promise<Result>;

/**
 * Runs at most `most` tasks at once; the others wait, in order. A task that takes longer than `patienceMs` gives its slot to the next, so
 * that a few that wait, for a lock for instance, hold up nobody else.
 */
export function limitConcurrency(most: number, patienceMs: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let free = most;

  const takeSlot = () => {
    if (free === 0) return new Promise<void>((resolve) => waiting.push(resolve));
    free--;
    return undefined;
  };
  const giveSlot = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };

  return async (task) => {
    await takeSlot();
    let hasSlot = true;
    const give = () => {
      if (hasSlot) giveSlot();
      hasSlot = false;
    };
    const patience = setTimeout(give, patienceMs);
    try {
      return await task();
    } finally {
      clearTimeout(patience);
      give();
    }
  };
}
