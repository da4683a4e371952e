import { z } from "zod";
import { areDistinct } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";

/** The maximum number of books in a history; beyond it, the least recently opened one is dropped. */
export const maxHistory = 1_000;

const time = z.iso.datetime();

/** `visit` numbers the reader's visits from 1 and orders the history. `openedAt` is by the API's clock. */
const visited = { bookId, visit: z.int32().positive(), openedAt: time };
const books = z
  .array(z.strictObject(visited))
  .min(1)
  .max(maxHistory)
  .refine((all) => areDistinct(all.map(({ bookId }) => bookId)), "must not name a book twice");

const bookOpened = z
  .strictObject({ ...visited, forgotten: bookId.nullable() })
  .refine(({ bookId, forgotten }) => bookId !== forgotten, "must not forget the book that is opened");

/** Events of a reader's browsing history (`history-<readerId>`). A removal records all that undoing it needs. */
export const historyEvents = {
  /**
   * The book becomes the most recent one. `forgotten` is the book that was dropped because the history was full (`maxHistory`).
   */
  BookOpened: { version: 1, schema: bookOpened },
  BookRemovedFromHistory: { version: 1, schema: z.strictObject({ ...visited, removedAt: time }) },
  /** All books are removed; `books` were in the history. */
  BrowseHistoryCleared: { version: 1, schema: z.strictObject({ clearedAt: time, books }) },
  /** A removal or clearing is reverted: the books return to their former places. */
  BooksReturnedToHistory: { version: 1, schema: z.strictObject({ books }) },
} as const satisfies EventDefinitions;

export type HistoryEvent = EventOf<typeof historyEvents>;
