import type { HistoryEvent } from "./events.ts";

/** A book in the history: the number of its last visit, and its time (ISO 8601). */
export type Visited = { readonly bookId: string; readonly visit: number; readonly openedAt: string };

/** A reader's browsing history. */
export type History = {
  /** The books by id, ordered by visit: the most recent last. */
  readonly books: ReadonlyMap<string, Visited>;
  /** The number of visits so far. */
  readonly visits: number;
  /** The last removal or clearing. */
  readonly lastRemoval: { readonly removedAt: string; readonly books: readonly Visited[] } | null;
};

export const emptyHistory: History = { books: new Map(), visits: 0, lastRemoval: null };

/** Folds events into the history; copies the map once. An event on a book that is not in the history changes nothing. */
export function foldHistory(history: History, events: readonly HistoryEvent[]): History {
  let { visits, lastRemoval } = history;
  let books = new Map(history.books);
  for (const event of events) {
    switch (event.type) {
      case "BookOpened": {
        const { forgotten, ...visited } = event.data;
        if (forgotten !== null) books.delete(forgotten);
        books.delete(visited.bookId);
        books.set(visited.bookId, visited);
        visits = Math.max(visits, visited.visit);
        break;
      }
      case "BookRemovedFromHistory": {
        const { removedAt, ...visited } = event.data;
        books.delete(visited.bookId);
        lastRemoval = { removedAt, books: [visited] };
        break;
      }
      case "BrowseHistoryCleared":
        books.clear();
        lastRemoval = { removedAt: event.data.clearedAt, books: event.data.books };
        break;
      case "BooksReturnedToHistory": {
        const back = event.data.books.filter(({ bookId }) => !books.has(bookId));
        const all = [...books.values(), ...back].sort((a, b) => a.visit - b.visit);
        books = new Map(all.map((visited) => [visited.bookId, visited]));
        break;
      }
    }
  }
  return { books, visits, lastRemoval };
}

/** Returns whether the reader opened or removed a book later than `at` (ISO 8601). */
export function isUsedAfter(at: string, { books, lastRemoval }: History): boolean {
  const times = [...books.values()].map(({ openedAt }) => Date.parse(openedAt));
  if (lastRemoval !== null) times.push(Date.parse(lastRemoval.removedAt));
  const since = Date.parse(at);
  return times.some((time) => time > since);
}
