import type { RoundsEvent } from "./events.ts";

/** The latest round of a book. */
type Round = { readonly round: number; readonly finished: boolean };

/** The latest round of each book, by book id. */
export type Rounds = ReadonlyMap<string, Round>;

/** Copies the map once. */
export function foldRounds(rounds: Rounds, events: readonly RoundsEvent[]): Rounds {
  const folded = new Map(rounds);
  for (const { type, data } of events) {
    folded.set(data.bookId, { round: data.round, finished: type === "BookFinished" });
  }
  return folded;
}
