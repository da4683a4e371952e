import type { RoundsEvent } from "./events.ts";

/** The latest round of a book. `lastAt` is the `readAt` of its last event, in milliseconds since 1970. */
type Round = { readonly round: number; readonly finished: boolean; readonly lastAt: number };

/** The latest round of each book, by book id. */
export type Rounds = ReadonlyMap<string, Round>;

/**
 * Returns whether a report of the time `at` is late: another event of the book has a later time (`lastAt`, undefined without one). Both
 * times in milliseconds.
 */
export function isLate(at: number, lastAt: number | undefined): boolean {
  return lastAt !== undefined && at < lastAt;
}

/** Copies the map once. Late events have no effect: earlier releases counted them for the wrong round. */
export function foldRounds(rounds: Rounds, events: readonly RoundsEvent[]): Rounds {
  const folded = new Map(rounds);
  for (const { type, data } of events) {
    const at = Date.parse(data.readAt);
    if (isLate(at, folded.get(data.bookId)?.lastAt)) continue;
    folded.set(data.bookId, { round: data.round, finished: type === "BookFinished", lastAt: at });
  }
  return folded;
}
