import { ExpectedError } from "./expectedError.ts";

/**
 * Limits how many pieces of work run at once; waiting ones start in the order of their arrival. Rejects with TooManyWaiting if the limit
 * bounds how many may wait.
 */
export type ConcurrencyLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

export type ConcurrencyLimitOptions = {
  readonly most: number;
  /**
   * Work that takes longer (milliseconds) gives its place to the next, so that a few that wait, for a lock for instance, hold up nobody
   * else.
   */
  readonly patienceMs?: number;
  /** How many may wait; default: any number. */
  readonly mostWaiting?: number;
};

/** So many wait already that the work was not begun. */
export class TooManyWaiting extends ExpectedError {
  override readonly name = "TooManyWaiting";
}

export function createConcurrencyLimit(options: ConcurrencyLimitOptions): ConcurrencyLimit {
  const { most, patienceMs, mostWaiting = Number.POSITIVE_INFINITY } = options;
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    // Hand the place over directly, so that a newcomer cannot overtake the waiters.
    if (running < most) running++;
    else if (waiting.length >= mostWaiting) throw new TooManyWaiting(`${waiting.length} others wait already`);
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
