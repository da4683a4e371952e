/** Runs work after all earlier work with the same key has settled; different keys do not wait for each other. */
export type KeyedMutex = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export function createKeyedMutex(): KeyedMutex {
  /** The locked keys, each with its waiters; null while there are none. */
  const taken = new Map<string, (() => void)[] | null>();
  return async (key, work) => {
    const waiting = taken.get(key);
    if (waiting === undefined) taken.set(key, null);
    else {
      await new Promise<void>((resolve) => {
        if (waiting === null) taken.set(key, [resolve]);
        else waiting.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      // Hand the key over directly, so that a newcomer cannot overtake the waiters.
      const next = taken.get(key)?.shift();
      if (next === undefined) taken.delete(key);
      else next();
    }
  };
}
