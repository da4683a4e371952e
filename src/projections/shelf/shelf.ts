import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/declaration.ts";

/** The books on each reader's shelf. */
export const shelf = defineReadModel({
  name: "shelf",
  version: 1,
  laneKey: "reader",
  categories: ["shelf"],
  tables: {
    shelf_books: {
      columns: { reader_id: "text", book_id: "text", added_at: "timestamptz", added_position: "int8" },
      primaryKey: ["reader_id", "book_id"],
      indexes: ["(reader_id, added_position)"],
    },
  },
  on: {
    BookAddedToShelf: {
      keys: (event) => ({ shelf_books: [{ reader_id: idOf(event.stream), book_id: event.data.bookId }] }),
      project: (_, event) => ({
        shelf_books: [
          {
            reader_id: idOf(event.stream),
            book_id: event.data.bookId,
            added_at: event.created,
            added_position: event.position,
          },
        ],
      }),
    },
    BookRemovedFromShelf: {
      keys: (event) => ({ shelf_books: [{ reader_id: idOf(event.stream), book_id: event.data.bookId }] }),
      project: () => ({ shelf_books: [null] }),
    },
  },
});
