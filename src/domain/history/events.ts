import { z } from "zod";
import { areDistinct } from "../bounded.ts";
import type { EventDefinitions, EventOf } from "../event.ts";
import { bookId } from "../ids.ts";

/** The most books that a history has; the one that was opened longest ago goes first. */
export const maxHistory = 1_000;

const time = z.iso.datetime();

/** `visit` counts what the reader opened, from 1 on: it orders the history. `openedAt` is of the API's clock. */
const visited = { bookId, visit: z.int32().positive(), openedAt: time };
const books = z
  .array(z.strictObject(visited))
  .min(1)
  .max(maxHistory)
  .refine((all) => areDistinct(all.map(({ bookId }) => bookId)), "must not name a book twice");

const bookOpened = z
  .strictObject({ ...visited, forgotten: bookId.nullable() })
  .refine(({ bookId, forgotten }) => bookId !== forgotten, "must not forget the book that is opened");

/** What can happen to the books that a reader looked at (`history-<readerId>`). What goes is told with all that undoing it needs. */
export const historyEvents = {
  /** The book stands first. `forgotten` goes, since the history had `maxHistory` books. */
  BookOpened: { version: 1, schema: bookOpened },
  BookRemovedFromHistory: { version: 1, schema: z.strictObject({ ...visited, removedAt: time }) },
  /** All books go; these were there. */
  BrowseHistoryCleared: { version: 1, schema: z.strictObject({ clearedAt: time, books }) },
  /** A removal or a clearing is taken back: these books stand where they stood. */
  BooksReturnedToHistory: { version: 1, schema: z.strictObject({ books }) },
} as const satisfies EventDefinitions;

export type HistoryEvent = EventOf<typeof historyEvents>;
