import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";
import { correctedEntries, correctedKeys, correctedRows } from "./correctedEntries.ts";
import { rangesOf, rangesText, secondsIn, slotsOf, withRange } from "./seconds.ts";

/**
 * When each reader read, and the progress in each chapter. An entry means that its device was reading for the `activeSeconds`
 * before `readAt`. A second reported by several devices counts once; entries may arrive in any order and repeatedly.
 */
export const readingTime = defineReadModel({
  name: "reading_time",
  version: 1,
  partitionKey: "reader",
  categories: ["progress"],
  tables: {
    reading_slots: {
      columns: { reader_id: "text", slot: "int4", ranges: "text", seconds: "int4" },
      primaryKey: ["reader_id", "slot"],
    },
    /** The furthest place in each chapter, and when it was first reached. */
    chapters_read: {
      columns: {
        reader_id: "text",
        book_id: "text",
        chapter_id: "text",
        offset_reached: "int4",
        reached_at: "timestamptz",
      },
      primaryKey: ["reader_id", "book_id", "chapter_id"],
    },
    adjusted_entries: correctedEntries,
  },
  on: {
    ReadingProgressed: {
      keys: (event) => {
        const { bookId, chapterId, readAt, activeSeconds } = event.data;
        const reader_id = idOf(event.stream);
        return {
          reading_slots: slotsOf(new Date(readAt), activeSeconds).map(({ slot }) => ({ reader_id, slot })),
          chapters_read: [{ reader_id, book_id: bookId, chapter_id: chapterId }],
          adjusted_entries: correctedKeys(event),
        };
      },
      project: ({ reading_slots, chapters_read: [chapter], adjusted_entries: [corrected] }, event) => {
        if (corrected !== undefined) return {};
        const { bookId, chapterId, offset, readAt, activeSeconds } = event.data;
        const reader_id = idOf(event.stream);
        const reached_at = new Date(readAt);
        const isKnown =
          chapter !== undefined &&
          (chapter.offset_reached > offset || (chapter.offset_reached === offset && chapter.reached_at <= reached_at));
        return {
          reading_slots: slotsOf(reached_at, activeSeconds).map(({ slot, range }, index) => {
            const known = reading_slots[index];
            const ranges = withRange(known === undefined ? [] : rangesOf(known.ranges), range);
            return { reader_id, slot, ranges: rangesText(ranges), seconds: secondsIn(ranges) };
          }),
          chapters_read: isKnown
            ? [undefined]
            : [{ reader_id, book_id: bookId, chapter_id: chapterId, offset_reached: offset, reached_at }],
          adjusted_entries: correctedRows(event),
        };
      },
    },
  },
});
