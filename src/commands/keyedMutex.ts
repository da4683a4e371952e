import { EventStoreUnavailable, OutcomeUnknown } from "../event-store/errors.ts";

/**
 * Runs work after all earlier work with the same key has settled; different keys do not wait for each other. If the event store does
 * not answer the work (EventStoreUnavailable, OutcomeUnknown), all work that waits for the key rejects with EventStoreUnavailable
 * without running. Otherwise each would wait for the same time-outs after the other.
 */
export type KeyedMutex = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

type Waiter = { readonly run: () => void; readonly fail: (error: Error) => void };

export function createKeyedMutex(): KeyedMutex {
  /** The locked keys, each with its waiters; null while there are none. */
  const taken = new Map<string, Waiter[] | null>();
  return async (key, work) => {
    const waiting = taken.get(key);
    if (waiting === undefined) taken.set(key, null);
    else {
      await new Promise<void>((run, fail) => {
        if (waiting === null) taken.set(key, [{ run, fail }]);
        else waiting.push({ run, fail });
      });
    }
    try {
      return await work();
    } catch (error) {
      if (error instanceof EventStoreUnavailable || error instanceof OutcomeUnknown) {
        const unavailable = new EventStoreUnavailable(`the work before this on ${key} had no answer`, { cause: error });
        for (const { fail } of taken.get(key)?.splice(0) ?? []) fail(unavailable);
      }
      throw error;
    } finally {
      // Hand the key over directly, so that a newcomer cannot overtake the waiters.
      const next = taken.get(key)?.shift();
      if (next === undefined) taken.delete(key);
      else next.run();
    }
  };
}
