import { isCorrected } from "../../domain/reading/progress/events.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

const dayMs = 86_400_000;

/**
 * Which readers opened, read or shelved a book on which day (UTC, numbered from 1970-01-01). A reader counts once per book and
 * day, whatever the number and order of events. The day is determined by the earlier of the server's and the device's clock: a
 * device may have been offline, but cannot be in the future.
 */
export const heat = defineReadModel({
  name: "heat",
  version: 1,
  partitionKey: "book",
  categories: ["shelf", "progress", "history"],
  tables: {
    heat_days: {
      columns: { book_id: "text", day: "int4", reader_id: "text" },
      primaryKey: ["book_id", "day", "reader_id"],
      indexes: ["(day)", "(reader_id)"],
    },
    /** Entries whose time was corrected: if such an entry is repeated after it was forgotten, it gets another day. */
    adjusted_entries: {
      columns: { book_id: "text", entry_id: "text", reader_id: "text" },
      primaryKey: ["book_id", "entry_id"],
      indexes: ["(reader_id)"],
    },
  },
  on: {
    BookAddedToShelf: {
      keys: ({ stream, created, data: { bookId } }) => ({ heat_days: [pointOf(bookId, stream, created)] }),
      overwrites: true,
      project: (_, { stream, created, data: { bookId } }) => ({ heat_days: [pointOf(bookId, stream, created)] }),
    },
    BookOpened: {
      keys: ({ stream, created, data: { bookId } }) => ({ heat_days: [pointOf(bookId, stream, created)] }),
      overwrites: true,
      project: (_, { stream, created, data: { bookId } }) => ({ heat_days: [pointOf(bookId, stream, created)] }),
    },
    ReadingProgressed: {
      keys: ({ stream, created, data: { bookId, readAt, entryId } }) => ({
        heat_days: [pointOf(bookId, stream, earlier(created, readAt))],
        adjusted_entries: [{ book_id: bookId, entry_id: entryId }],
      }),
      project: ({ adjusted_entries: [corrected] }, { stream, created, data }) => {
        const { bookId, readAt, entryId } = data;
        if (corrected !== undefined) return {};
        return {
          heat_days: [pointOf(bookId, stream, earlier(created, readAt))],
          adjusted_entries: isCorrected(data) ? [{ book_id: bookId, entry_id: entryId, reader_id: idOf(stream) }] : [],
        };
      },
    },
    ReaderErased: {
      finds: ({ stream }) => ({
        heat_days: [{ reader_id: idOf(stream) }],
        adjusted_entries: [{ reader_id: idOf(stream) }],
      }),
      keys: (_, found) => found,
      project: ({ heat_days, adjusted_entries }) => ({
        heat_days: heat_days.map(() => null),
        adjusted_entries: adjusted_entries.map(() => null),
      }),
    },
  },
});

function pointOf(bookId: string, stream: string, at: Date) {
  return { book_id: bookId, day: dayOf(at), reader_id: idOf(stream) };
}

/** The number of a day in UTC: 0 is 1970-01-01. */
export function dayOf(at: Date): number {
  return Math.floor(at.getTime() / dayMs);
}

function earlier(created: Date, readAt: string): Date {
  const read = new Date(readAt);
  return read < created ? read : created;
}
