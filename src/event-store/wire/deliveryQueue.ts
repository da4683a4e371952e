/** The queue of a read for its consumer: results in order, then the end or an error. */
export type DeliveryQueue<Result> = {
  /** Gives a result to the consumer that has waited longest, or keeps it. */
  deliver(result: Result): void;
  /**
   * Ends the queue. Kept results are delivered first, then the error, once, or the end. A second call has no effect.
   */
  end(error?: unknown): void;
  isEnded(): boolean;
  /** The number of results that are kept. */
  size(): number;
  /** Drops the results that are kept. */
  clear(): void;
  /** The next result, as of an iterator; waits for it. */
  next(): Promise<IteratorResult<Result, undefined>>;
  /** All results that are kept; waits for nothing. */
  takeReady(): readonly Result[];
};

type Waiter<Result> = {
  resolve: (result: IteratorResult<Result, undefined>) => void;
  reject: (error: unknown) => void;
};

export function createDeliveryQueue<Result>(): DeliveryQueue<Result> {
  const results: Result[] = [];
  /** Consumers that wait; empty while results are kept. */
  const waiters: Waiter<Result>[] = [];
  let isEnded = false;
  let failure: unknown;

  const finish = ({ resolve, reject }: Waiter<Result>) => {
    const error = failure;
    failure = undefined;
    if (error === undefined) resolve({ value: undefined, done: true });
    else reject(error);
  };

  return {
    deliver(result) {
      const waiter = waiters.shift();
      if (waiter === undefined) results.push(result);
      else waiter.resolve({ value: result, done: false });
    },
    end(error) {
      if (isEnded) return;
      isEnded = true;
      failure = error;
      for (const waiter of waiters.splice(0)) finish(waiter);
    },
    isEnded: () => isEnded,
    size: () => results.length,
    clear() {
      results.length = 0;
    },
    next() {
      const result = results.shift();
      if (result !== undefined) return Promise.resolve({ value: result, done: false });
      return new Promise((resolve, reject) => {
        if (isEnded) finish({ resolve, reject });
        else waiters.push({ resolve, reject });
      });
    },
    takeReady: () => results.splice(0),
  };
}
