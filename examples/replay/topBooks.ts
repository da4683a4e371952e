import type { ReplayedEventOf } from "../../src/replay/run/reducer.ts";

// The twenty books that were read longest: hours, and how many readers. One state for all books, since the result compares them.

export const filter = ["ReadingProgressed"] as const;

type Event = ReplayedEventOf<"ReadingProgressed">;
type State = Map<string, { seconds: number; readers: Set<string> }>;

export const initial: State = new Map();

export function evolve(state: State, { stream, data: { bookId, activeSeconds } }: Event): State {
  const book = state.get(bookId) ?? { seconds: 0, readers: new Set() };
  state.set(bookId, book);
  book.seconds += activeSeconds;
  book.readers.add(stream);
  return state;
}

export function result(state: State) {
  return [...state]
    .map(([bookId, { seconds, readers }]) => ({ bookId, seconds, readers: readers.size }))
    .sort((one, other) => other.seconds - one.seconds || (one.bookId < other.bookId ? -1 : 1))
    .slice(0, 20)
    .map(({ bookId, seconds, readers }) => ({ bookId, hours: Math.round(seconds / 36) / 100, readers }));
}
