import { ExpectedError } from "./expectedError.ts";

/**
 * Limits how many pieces of work run at once; waiting ones start in the order of their arrival. Rejects with TooManyWaiting if the limit
 * bounds how many may wait, or for how long.
 */
export type ConcurrencyLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs all work at once. */
export const unlimited: ConcurrencyLimit = (work) => work();

export type ConcurrencyLimitOptions = {
  readonly max: number;
  /**
   * Work that takes longer (milliseconds) gives its place to the next, so that a few that wait, for a lock for instance, do not delay
   * others.
   */
  readonly patienceMs?: number;
  /** Maximum number of waiting pieces of work; default: any number. */
  readonly maxWaiting?: number;
  /** Maximum time that work waits before it begins (milliseconds); default: any time. */
  readonly longestWaitMs?: number;
};

/** The work was not begun, because too many waited already, or the others took too long. */
export class TooManyWaiting extends ExpectedError {
  override readonly name = "TooManyWaiting";
}

export function createConcurrencyLimit(options: ConcurrencyLimitOptions): ConcurrencyLimit {
  const { max, patienceMs, maxWaiting = Number.POSITIVE_INFINITY, longestWaitMs } = options;
  const waiting: (() => void)[] = [];
  let running = 0;
  const place = () =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const refuse = () => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(new TooManyWaiting(`It was not begun within ${longestWaitMs} ms`));
      };
      const timer = longestWaitMs === undefined ? undefined : setTimeout(refuse, longestWaitMs);
      waiting.push(begin);
    });
  return async (work) => {
    // Hand the place over directly, so that a newcomer cannot overtake the waiters.
    if (running < max) running++;
    else if (waiting.length >= maxWaiting) throw new TooManyWaiting(`${waiting.length} others wait already`);
    else await place();
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

/** A limit for each key, such as a reader's id, that exists while the key has work. */
export function createKeyedLimit(options: ConcurrencyLimitOptions): (key: string) => ConcurrencyLimit {
  const byKey = new Map<string, { readonly limit: ConcurrencyLimit; pieces: number }>();
  return (key) => async (work) => {
    const own = byKey.get(key) ?? { limit: createConcurrencyLimit(options), pieces: 0 };
    byKey.set(key, own);
    own.pieces++;
    try {
      return await own.limit(work);
    } finally {
      own.pieces--;
      if (own.pieces === 0) byKey.delete(key);
    }
  };
}
