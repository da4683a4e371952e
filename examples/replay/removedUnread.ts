import type { ReplayedEventOf } from "../../src/replay/run/reducer.ts";

// Books that were taken from a shelf and had never been read by that reader: how often, by book, the most first.

export const filter = ["BookAddedToShelf", "BookRemovedFromShelf", "ReadingProgressed"] as const;

type Event = ReplayedEventOf<(typeof filter)[number]>;
type State = { read: Set<string>; removed: Map<string, { unread: number; all: number }> };

export const initial: State = { read: new Set(), removed: new Map() };

export function evolve(state: State, event: Event): State {
  const { bookId } = event.data;
  const pair = `${event.stream.slice(event.stream.indexOf("-") + 1)} ${bookId}`;
  if (event.type === "ReadingProgressed") state.read.add(pair);
  if (event.type === "BookRemovedFromShelf") {
    const book = state.removed.get(bookId) ?? { unread: 0, all: 0 };
    state.removed.set(bookId, book);
    book.all++;
    if (!state.read.has(pair)) book.unread++;
  }
  return state;
}

export function result({ removed }: State) {
  return [...removed]
    .map(([bookId, counts]) => ({ bookId, ...counts }))
    .filter(({ unread }) => unread > 0)
    .sort((one, other) => other.unread - one.unread || (one.bookId < other.bookId ? -1 : 1));
}
