import { idOf } from "../../src/domain/streams.ts";
import { defineReadModel } from "../../src/projections/engine/core/declaration.ts";

/** A read model of three tables, each of which every event changes: for measuring rebuilds and live projections. */
export const threeTables = defineReadModel({
  name: "bench",
  version: 1,
  partitionKey: "reader",
  categories: ["shelf"],
  tables: {
    shelved: {
      columns: { reader_id: "text", book_id: "text", added_at: "timestamptz", added_position: "int8" },
      primaryKey: ["reader_id", "book_id"],
    },
    readers: {
      columns: { reader_id: "text", books: "int4", last_book: "text", last_at: "timestamptz" },
      primaryKey: ["reader_id"],
    },
    days: { columns: { reader_id: "text", day: "text", added: "int4" }, primaryKey: ["reader_id", "day"] },
  },
  on: {
    BookAddedToShelf: {
      keys: ({ stream, data, created }) => {
        const reader_id = idOf(stream);
        const day = created.toISOString().slice(0, 10);
        return {
          shelved: [{ reader_id, book_id: data.bookId }],
          readers: [{ reader_id }],
          days: [{ reader_id, day }],
        };
      },
      project: ({ readers: [reader], days: [day] }, { stream, data, created, position }) => {
        const reader_id = idOf(stream);
        return {
          shelved: [{ reader_id, book_id: data.bookId, added_at: created, added_position: position }],
          readers: [{ reader_id, books: (reader?.books ?? 0) + 1, last_book: data.bookId, last_at: created }],
          days: [{ reader_id, day: created.toISOString().slice(0, 10), added: (day?.added ?? 0) + 1 }],
        };
      },
    },
  },
});
