import { defineReadModel } from "../engine/core/declaration.ts";

/** On how many shelves each book lies. */
export const collected = defineReadModel({
  name: "collected",
  version: 2,
  partitionKey: "book",
  categories: ["shelf"],
  tables: {
    collected_books: { columns: { book_id: "text", shelves: "int4" }, primaryKey: ["book_id"] },
  },
  on: {
    BookAddedToShelf: {
      keys: ({ data: { bookId } }) => ({ collected_books: [{ book_id: bookId }] }),
      project: ({ collected_books: [book] }, { data: { bookId } }) => ({
        collected_books: [{ book_id: bookId, shelves: (book?.shelves ?? 0) + 1 }],
      }),
    },
    BookReturnedToShelf: {
      keys: ({ data: { bookId } }) => ({ collected_books: [{ book_id: bookId }] }),
      project: ({ collected_books: [book] }, { data: { bookId } }) => ({
        collected_books: [{ book_id: bookId, shelves: (book?.shelves ?? 0) + 1 }],
      }),
    },
    BookRemovedFromShelf: {
      keys: ({ data: { bookId } }) => ({ collected_books: [{ book_id: bookId }] }),
      project: ({ collected_books: [book] }) => ({
        collected_books: [book && { ...book, shelves: book.shelves - 1 }],
      }),
    },
  },
});
