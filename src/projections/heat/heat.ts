import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

const dayMs = 86_400_000;

type Keys = {
  readonly heat_days: readonly { readonly book_id: string; readonly day: number; readonly reader_id: string }[];
};

/**
 * Which readers opened, read or shelved a book on which day (UTC, numbered from 1970-01-01). A reader counts once per book and day,
 * whatever the number and the order of the events. The day is that of the earlier of two clocks: a device may be offline for a
 * while, but cannot be in the future.
 */
export const heat = defineReadModel({
  name: "heat",
  version: 1,
  partitionKey: "book",
  categories: ["shelf", "progress"],
  tables: {
    heat_days: {
      columns: { book_id: "text", day: "int4", reader_id: "text" },
      primaryKey: ["book_id", "day", "reader_id"],
      indexes: ["(day)", "(reader_id)"],
    },
  },
  on: {
    BookAddedToShelf: {
      keys: ({ stream, created, data: { bookId } }) => keysOf(bookId, stream, created),
      project: (_, { stream, created, data: { bookId } }) => keysOf(bookId, stream, created),
    },
    ReadingProgressed: {
      keys: ({ stream, created, data: { bookId, readAt } }) => keysOf(bookId, stream, earlier(created, readAt)),
      project: (_, { stream, created, data: { bookId, readAt } }) => keysOf(bookId, stream, earlier(created, readAt)),
    },
  },
});

function keysOf(bookId: string, stream: string, at: Date): Keys {
  return { heat_days: [{ book_id: bookId, day: dayOf(at), reader_id: idOf(stream) }] };
}

/** The number of a day in UTC: 0 is 1970-01-01. */
export function dayOf(at: Date): number {
  return Math.floor(at.getTime() / dayMs);
}

function earlier(created: Date, readAt: string): Date {
  const read = new Date(readAt);
  return read < created ? read : created;
}
