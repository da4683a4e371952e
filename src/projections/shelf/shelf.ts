import type { Move } from "../../domain/shelf/moves.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";
import { movedBetween, neighboursAndMoved } from "./moves.ts";
import { middleRank } from "./orderRanks.ts";

/**
 * Each reader's shelf: books and groups. The manual order of books is by (order_position, order_rank), both descending: a book
 * that is added or moved to the front gets the position of its event, one that is moved between two others gets a rank between
 * theirs; no other row changes. Groups are ascending: a new one is last.
 */
export const shelf = defineReadModel({
  name: "shelf",
  version: 4,
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
        order_rank: "text",
      },
      primaryKey: ["reader_id", "book_id"],
      indexes: ["(reader_id, pinned, added_position)", '(reader_id, pinned, order_position, order_rank COLLATE "C")'],
    },
    shelf_groups: {
      columns: { reader_id: "text", group_id: "text", name: "text", order_position: "int8", order_rank: "text" },
      primaryKey: ["reader_id", "group_id"],
    },
    /** When each removed book had been added, in case the removal is undone. */
    shelf_removed_books: {
      columns: { reader_id: "text", book_id: "text", added_at: "timestamptz", added_position: "int8" },
      primaryKey: ["reader_id", "book_id"],
    },
  },
  on: {
    BookAddedToShelf: {
      keys: (event) => ({ shelf_books: [bookKey(event)] }),
      overwrites: true,
      project: (_, event) => ({
        shelf_books: [
          {
            reader_id: idOf(event.stream),
            book_id: event.data.bookId,
            added_at: event.created,
            added_position: event.position,
            pinned: false,
            group_id: null,
            order_position: event.position,
            order_rank: middleRank,
          },
        ],
      }),
    },
    BookRemovedFromShelf: {
      keys: (event) => ({ shelf_books: [bookKey(event)], shelf_removed_books: [bookKey(event)] }),
      project({ shelf_books: [book] }, event) {
        if (book === undefined) return {};
        const { added_at, added_position } = book;
        return { shelf_books: [null], shelf_removed_books: [{ ...bookKey(event), added_at, added_position }] };
      },
    },
    BookReturnedToShelf: {
      keys: (event) => ({
        shelf_books: keysOf(event, "book_id", neighboursAndMoved([moveOf(event)])),
        shelf_removed_books: [bookKey(event)],
      }),
      project({ shelf_books: books, shelf_removed_books: [removed] }, event) {
        const { pinned, group, after } = event.data;
        const index = after === null ? 0 : 1;
        if (books[index] !== undefined) return {};
        const returned = {
          ...bookKey(event),
          added_at: removed?.added_at ?? event.created,
          added_position: removed?.added_position ?? event.position,
          pinned,
          group_id: group,
          order_position: event.position,
          order_rank: middleRank,
        };
        const moves = { position: event.position, data: { moves: [moveOf(event)] } };
        const moved = movedBetween(books.with(index, returned), moves, "newest first");
        return { shelf_books: moved.with(index, moved[index] ?? returned), shelf_removed_books: [null] };
      },
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
      keys: (event) => ({ shelf_books: keysOf(event, "book_id", neighboursAndMoved(event.data.moves)) }),
      project: ({ shelf_books: books }, event) => ({ shelf_books: movedBetween(books, event, "newest first") }),
    },
    ShelfGroupCreated: {
      keys: (event) => ({ shelf_groups: [groupKey(event)] }),
      overwrites: true,
      project: (_, event) => ({
        shelf_groups: [
          { ...groupKey(event), name: event.data.name, order_position: event.position, order_rank: middleRank },
        ],
      }),
    },
    ShelfGroupRenamed: {
      keys: (event) => ({ shelf_groups: [groupKey(event)] }),
      project: ({ shelf_groups: [group] }, event) => ({ shelf_groups: [group && { ...group, name: event.data.name }] }),
    },
    ShelfGroupDeleted: {
      keys: (event) => ({ shelf_groups: [groupKey(event)], shelf_books: keysOf(event, "book_id", event.data.bookIds) }),
      project: ({ shelf_books: books }) => ({
        shelf_groups: [null],
        shelf_books: books.map((book) => book && { ...book, group_id: null }),
      }),
    },
    ShelfGroupsReordered: {
      keys: (event) => ({ shelf_groups: keysOf(event, "group_id", neighboursAndMoved(event.data.moves)) }),
      project: ({ shelf_groups: groups }, event) => ({ shelf_groups: movedBetween(groups, event, "newest last") }),
    },
  },
});

type Neighbours = { readonly after: string | null; readonly before: string | null };
type Of<Data> = { readonly stream: string; readonly data: Data };

function bookKey({ stream, data }: Of<{ readonly bookId: string }>) {
  return { reader_id: idOf(stream), book_id: data.bookId };
}

function moveOf({ data: { bookId, after, before } }: Of<Neighbours & { readonly bookId: string }>): Move {
  return { ids: [bookId], after, before };
}

function keysOf<const Column extends string>({ stream }: { stream: string }, column: Column, ids: readonly string[]) {
  return ids.map((id) => ({ reader_id: idOf(stream), [column]: id }) as { reader_id: string } & Record<Column, string>);
}

function groupKey({ stream, data }: Of<{ readonly group: string }>) {
  return { reader_id: idOf(stream), group_id: data.group };
}
