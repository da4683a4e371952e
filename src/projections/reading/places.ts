import { isReadLater } from "../../domain/reading/progress/isReadLater.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel, type RowOf } from "../engine/core/declaration.ts";
import { correctedEntries, correctedKeys, correctedRows } from "./correctedEntries.ts";

const placeColumns = {
  chapter_id: "text",
  chapter_no: "int4",
  /** UTF-16 units from the chapter's beginning. */
  chapter_offset: "int4",
  read_at: "timestamptz",
  entry_id: "text",
} as const;

const tables = {
  device_places: {
    columns: { reader_id: "text", book_id: "text", device_id: "text", ...placeColumns },
    primaryKey: ["reader_id", "book_id", "device_id"],
  },
  book_places: {
    columns: { reader_id: "text", book_id: "text", ...placeColumns, device_id: "text" },
    // No index on the time, which changes with each report (decision 0091).
    primaryKey: ["reader_id", "book_id"],
  },
  adjusted_entries: correctedEntries,
} as const;

/**
 * Each reader's places: per book and device, and per book. The place with the greatest (readAt, entryId) wins, so that entries
 * may arrive in any order and repeatedly.
 */
export const places = defineReadModel({
  name: "places",
  version: 2,
  partitionKey: "reader",
  categories: ["progress"],
  tables,
  on: {
    ReadingProgressed: {
      keys: (event) => {
        const { bookId, deviceId } = event.data;
        const reader_id = idOf(event.stream);
        return {
          device_places: [{ reader_id, book_id: bookId, device_id: deviceId }],
          book_places: [{ reader_id, book_id: bookId }],
          adjusted_entries: correctedKeys(event),
        };
      },
      project: ({ device_places: [onDevice], book_places: [inBook], adjusted_entries: [corrected] }, event) => {
        if (corrected !== undefined) return {};
        const { stream, data } = event;
        const place: BookPlace = {
          reader_id: idOf(stream),
          book_id: data.bookId,
          device_id: data.deviceId,
          chapter_id: data.chapterId,
          chapter_no: data.chapterNo,
          chapter_offset: data.offset,
          read_at: new Date(data.readAt),
          entry_id: data.entryId,
        };
        return {
          device_places: [isLater(place, onDevice) ? place : undefined],
          book_places: [isLater(place, inBook) ? place : undefined],
          adjusted_entries: correctedRows(event),
        };
      },
    },
  },
});

type BookPlace = RowOf<(typeof tables)["book_places"]>;
type Instant = Pick<BookPlace, "read_at" | "entry_id">;

function isLater(place: Instant, known: Instant | undefined): boolean {
  return isReadLater(momentOf(place), known && momentOf(known));
}

const momentOf = ({ read_at, entry_id }: Instant) => ({ readAtMs: read_at.getTime(), entryId: entry_id });
