import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/**
 * The books on each reader's shelf, and its groups. The manual order of books is by (order_position, order_rank), both
 * descending: a book that is added stands first by the position of its event, and so do the books of a new order, the
 * first of them with the highest rank; no other row is touched. Groups are ascending: a new one stands last.
 */
export const shelf = defineReadModel({
  name: "shelf",
  version: 2,
  partitionKey: "reader",
  categories: ["shelf"],
  tables: {
    shelf_books: {
      columns: {
        reader_id: "text",
        book_id: "text",
        added_at: "timestamptz",
        added_position: "int8",
        pinned: "bool",
        group_id: "text?",
        order_position: "int8",
        order_rank: "int4",
      },
      primaryKey: ["reader_id", "book_id"],
      indexes: ["(reader_id, pinned, added_position)", "(reader_id, pinned, order_position, order_rank)"],
    },
    shelf_groups: {
      columns: { reader_id: "text", group_id: "text", name: "text", order_position: "int8", order_index: "int4" },
      primaryKey: ["reader_id", "group_id"],
    },
  },
  on: {
    BookAddedToShelf: {
      keys: (event) => ({ shelf_books: [bookKey(event)] }),
      project: (_, event) => ({
        shelf_books: [
          {
            ...bookKey(event),
            added_at: event.created,
            added_position: event.position,
            pinned: false,
            group_id: null,
            order_position: event.position,
            order_rank: 0,
          },
        ],
      }),
    },
    BookRemovedFromShelf: {
      keys: (event) => ({ shelf_books: [bookKey(event)] }),
      project: () => ({ shelf_books: [null] }),
    },
    ShelfBookPinned: {
      keys: (event) => ({ shelf_books: [bookKey(event)] }),
      project: ({ shelf_books: [book] }) => ({ shelf_books: [book && { ...book, pinned: true }] }),
    },
    ShelfBookUnpinned: {
      keys: (event) => ({ shelf_books: [bookKey(event)] }),
      project: ({ shelf_books: [book] }) => ({ shelf_books: [book && { ...book, pinned: false }] }),
    },
    ShelfBookMovedToGroup: {
      keys: (event) => ({ shelf_books: [bookKey(event)] }),
      project: ({ shelf_books: [book] }, event) => ({
        shelf_books: [book && { ...book, group_id: event.data.group }],
      }),
    },
    ShelfBooksReordered: {
      keys: (event) => ({ shelf_books: bookKeys(event) }),
      project: ({ shelf_books: books }, event) => ({
        shelf_books: books.map(
          (book, place) => book && { ...book, order_position: event.position, order_rank: books.length - 1 - place },
        ),
      }),
    },
    ShelfGroupCreated: {
      keys: (event) => ({ shelf_groups: [groupKey(event)] }),
      project: (_, event) => ({
        shelf_groups: [{ ...groupKey(event), name: event.data.name, order_position: event.position, order_index: 0 }],
      }),
    },
    ShelfGroupRenamed: {
      keys: (event) => ({ shelf_groups: [groupKey(event)] }),
      project: ({ shelf_groups: [group] }, event) => ({ shelf_groups: [group && { ...group, name: event.data.name }] }),
    },
    ShelfGroupDeleted: {
      keys: (event) => ({ shelf_groups: [groupKey(event)], shelf_books: bookKeys(event) }),
      project: ({ shelf_books: books }) => ({
        shelf_groups: [null],
        shelf_books: books.map((book) => book && { ...book, group_id: null }),
      }),
    },
    ShelfGroupsReordered: {
      keys: (event) => ({
        shelf_groups: event.data.groups.map((group_id) => ({ reader_id: idOf(event.stream), group_id })),
      }),
      project: ({ shelf_groups: groups }, event) => ({
        shelf_groups: groups.map(
          (group, place) => group && { ...group, order_position: event.position, order_index: place },
        ),
      }),
    },
  },
});

type Of<Data> = { readonly stream: string; readonly data: Data };

function bookKey({ stream, data }: Of<{ readonly bookId: string }>) {
  return { reader_id: idOf(stream), book_id: data.bookId };
}

function bookKeys({ stream, data }: Of<{ readonly bookIds: readonly string[] }>) {
  return data.bookIds.map((bookId) => ({ reader_id: idOf(stream), book_id: bookId }));
}

function groupKey({ stream, data }: Of<{ readonly group: string }>) {
  return { reader_id: idOf(stream), group_id: data.group };
}
