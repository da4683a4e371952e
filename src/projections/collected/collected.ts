import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

type Shelved = { readonly book_id: string; readonly reader_id: string };

/**
 * The number of shelves each book is on; books on none have no row. The readers whose shelves they are, are stored too and decide
 * the count: after an erasure a scavenge may have removed some of a reader's events and not others, and the remaining ones must
 * not count.
 */
export const collected = defineReadModel({
  name: "collected",
  version: 2,
  partitionKey: "book",
  categories: ["shelf"],
  tables: {
    collected_books: { columns: { book_id: "text", shelves: "int4" }, primaryKey: ["book_id"] },
    collecting_readers: {
      columns: { book_id: "text", reader_id: "text" },
      primaryKey: ["book_id", "reader_id"],
      indexes: ["(reader_id)"],
    },
  },
  on: {
    BookAddedToShelf: {
      keys: keysOf,
      project: ({ collected_books: [book], collecting_readers: [known] }, event) =>
        known ? {} : { collected_books: [counted(event.data.bookId, book, 1)], collecting_readers: [shelved(event)] },
    },
    BookReturnedToShelf: {
      keys: keysOf,
      project: ({ collected_books: [book], collecting_readers: [known] }, event) =>
        known ? {} : { collected_books: [counted(event.data.bookId, book, 1)], collecting_readers: [shelved(event)] },
    },
    BookRemovedFromShelf: {
      keys: keysOf,
      project: ({ collected_books: [book], collecting_readers: [known] }, event) =>
        known ? { collected_books: [counted(event.data.bookId, book, -1)], collecting_readers: [null] } : {},
    },
    ReaderErased: {
      finds: ({ stream }) => ({ collecting_readers: [{ reader_id: idOf(stream) }] }),
      keys: (_, { collecting_readers }) => ({
        collected_books: collecting_readers.map(({ book_id }) => ({ book_id })),
        collecting_readers,
      }),
      project: ({ collected_books, collecting_readers }) => ({
        collected_books: collecting_readers.map(
          (known, index) => known && counted(known.book_id, collected_books[index], -1),
        ),
        collecting_readers: collecting_readers.map(() => null),
      }),
    },
  },
});

type OfBook = { readonly stream: string; readonly data: { readonly bookId: string } };

function shelved({ stream, data }: OfBook): Shelved {
  return { book_id: data.bookId, reader_id: idOf(stream) };
}

function keysOf(event: OfBook) {
  return { collected_books: [{ book_id: event.data.bookId }], collecting_readers: [shelved(event)] };
}

function counted(book_id: string, book: { readonly shelves: number } | undefined, by: 1 | -1) {
  const shelves = (book?.shelves ?? 0) + by;
  return shelves > 0 ? { book_id, shelves } : null;
}
