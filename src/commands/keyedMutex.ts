/** Runs a piece of work after all earlier ones with the same key have settled; different keys do not wait. */
export type KeyedMutex = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export function createKeyedMutex(): KeyedMutex {
  /** Of each key that is taken those who wait for it; null as long as nobody does. */
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
      // Who ends hands the key to who waits, so that nobody who comes just then takes it.
      const next = taken.get(key)?.shift();
      if (next === undefined) taken.delete(key);
      else next();
    }
  };
}
