import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/** The books that each reader opened, at most 1,000 per reader; the last visit first. */
export const history = defineReadModel({
  name: "history",
  version: 1,
  partitionKey: "reader",
  categories: ["history"],
  tables: {
    history_books: {
      columns: { reader_id: "text", book_id: "text", visit: "int4", opened_at: "timestamptz" },
      primaryKey: ["reader_id", "book_id"],
      indexes: ["(reader_id, visit)"],
    },
  },
  on: {
    BookOpened: {
      keys: ({ stream, data: { bookId, forgotten } }) => ({
        history_books: keysOf(stream, forgotten === null ? [bookId] : [bookId, forgotten]),
      }),
      overwrites: true,
      project: (_, { stream, data }) => ({
        history_books: data.forgotten === null ? [rowOf(stream, data)] : [rowOf(stream, data), null],
      }),
    },
    BookRemovedFromHistory: {
      keys: ({ stream, data }) => ({ history_books: keysOf(stream, [data.bookId]) }),
      overwrites: true,
      project: () => ({ history_books: [null] }),
    },
    BrowseHistoryCleared: {
      keys: ({ stream, data }) => ({ history_books: keysOf(stream, idsOf(data.books)) }),
      project: ({ history_books }) => ({ history_books: history_books.map(() => null) }),
    },
    BooksReturnedToHistory: {
      keys: ({ stream, data }) => ({ history_books: keysOf(stream, idsOf(data.books)) }),
      project: ({ history_books }, { stream, data: { books } }) => ({
        history_books: books.map((book, index) => (history_books[index] ? undefined : rowOf(stream, book))),
      }),
    },
  },
});

type Visited = { readonly bookId: string; readonly visit: number; readonly openedAt: string };

function rowOf(stream: string, { bookId, visit, openedAt }: Visited) {
  return { reader_id: idOf(stream), book_id: bookId, visit, opened_at: new Date(openedAt) };
}

function keysOf(stream: string, bookIds: readonly string[]) {
  return bookIds.map((book_id) => ({ reader_id: idOf(stream), book_id }));
}

function idsOf(books: readonly Visited[]): readonly string[] {
  return books.map(({ bookId }) => bookId);
}
