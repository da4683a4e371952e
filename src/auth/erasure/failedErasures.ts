import { pauseAfter } from "../../platform/repeatUntilClosed.ts";

const pauses = { everyMs: 2_000, longestMs: 60_000 } as const;

type Failed = { readonly failures: number; readonly error: Error; readonly againAt: number };

/** The readers whose erasure has failed in this process: each is tried again later and later, and the others go on meanwhile. */
export type FailedErasures = {
  /** Notes that the reader could not be erased; returns the ms until the next try. */
  add(readerId: string, error: Error): number;
  delete(readerId: string): void;
  /** The readers that are not to be tried now. */
  waiting(): readonly string[];
  /** The readers that have failed at least that often, with the last error. */
  since(failures: number): readonly (readonly [readerId: string, error: Error])[];
};

/** `now`: in milliseconds. */
export function createFailedErasures(now: () => number = Date.now): FailedErasures {
  const failed = new Map<string, Failed>();
  return {
    add(readerId, error) {
      const failures = (failed.get(readerId)?.failures ?? 0) + 1;
      const waitMs = pauseAfter(failures, pauses);
      failed.set(readerId, { failures, error, againAt: now() + waitMs });
      return waitMs;
    },
    delete: (readerId) => void failed.delete(readerId),
    waiting: () => [...failed].filter(([, { againAt }]) => againAt > now()).map(([readerId]) => readerId),
    since: (times) =>
      [...failed].filter(([, { failures }]) => failures >= times).map(([readerId, { error }]) => [readerId, error]),
  };
}
