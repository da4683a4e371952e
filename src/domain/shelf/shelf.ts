import type { ShelfEvent } from "./events.ts";

/**
 * A reader's shelf. Each part is a collection of its own, so that an event copies only what it changes.
 */
export type Shelf = {
  /** The books, the one that stands first in the manual order last: where a new book goes. */
  readonly books: ReadonlySet<string>;
  readonly pinned: ReadonlySet<string>;
  /** The group of each book that is in one. */
  readonly groupOf: ReadonlyMap<string, string>;
  /** The names of the groups by their ids, in the order of the groups. */
  readonly groups: ReadonlyMap<string, string>;
};

export const emptyShelf: Shelf = { books: new Set(), pinned: new Set(), groupOf: new Map(), groups: new Map() };

/** The books in the order that the reader gave them, new ones first. */
export function manualOrder({ books }: Shelf): readonly string[] {
  return [...books].reverse();
}

/** The books of a group, in no promised order. */
export function booksIn({ groupOf }: Shelf, group: string): readonly string[] {
  return [...groupOf].filter(([, of]) => of === group).map(([bookId]) => bookId);
}

/** `items` with those of `wanted` first, as listed there; unknown ones are ignored, of doubles the first one counts. */
export function arranged(items: readonly string[], wanted: readonly string[]): readonly string[] {
  const there = new Set(items);
  const first = new Set(wanted.filter((item) => there.has(item)));
  return [...first, ...items.filter((item) => !first.has(item))];
}

/** The shelf after an event. An event on a book or a group that is not there changes nothing. */
export function evolveShelf(shelf: Shelf, event: ShelfEvent): Shelf {
  switch (event.type) {
    case "BookAddedToShelf":
      return { ...shelf, books: withItem(shelf.books, event.data.bookId) };
    case "BookRemovedFromShelf": {
      const { bookId } = event.data;
      const books = withoutItem(shelf.books, bookId);
      return { ...shelf, books, pinned: withoutItem(shelf.pinned, bookId), groupOf: withoutKey(shelf.groupOf, bookId) };
    }
    case "ShelfBookPinned":
      if (!shelf.books.has(event.data.bookId)) return shelf;
      return { ...shelf, pinned: withItem(shelf.pinned, event.data.bookId) };
    case "ShelfBookUnpinned":
      return { ...shelf, pinned: withoutItem(shelf.pinned, event.data.bookId) };
    case "ShelfBookMovedToGroup": {
      const { bookId, group } = event.data;
      if (!shelf.books.has(bookId)) return shelf;
      if (group === null) return { ...shelf, groupOf: withoutKey(shelf.groupOf, bookId) };
      return { ...shelf, groupOf: new Map(shelf.groupOf).set(bookId, group) };
    }
    case "ShelfBooksReordered":
      return { ...shelf, books: new Set([...arranged(manualOrder(shelf), event.data.bookIds)].reverse()) };
    case "ShelfGroupCreated":
    case "ShelfGroupRenamed":
      return { ...shelf, groups: new Map(shelf.groups).set(event.data.group, event.data.name) };
    case "ShelfGroupDeleted": {
      const gone = new Set(event.data.bookIds);
      const groupOf = new Map([...shelf.groupOf].filter(([bookId]) => !gone.has(bookId)));
      return { ...shelf, groupOf, groups: withoutKey(shelf.groups, event.data.group) };
    }
    case "ShelfGroupsReordered": {
      const order = arranged([...shelf.groups.keys()], event.data.groups);
      return { ...shelf, groups: new Map(order.map((group) => [group, shelf.groups.get(group) ?? ""])) };
    }
  }
}

function withItem(items: ReadonlySet<string>, item: string): ReadonlySet<string> {
  return items.has(item) ? items : new Set(items).add(item);
}

function withoutItem(items: ReadonlySet<string>, item: string): ReadonlySet<string> {
  if (!items.has(item)) return items;
  const left = new Set(items);
  left.delete(item);
  return left;
}

function withoutKey(entries: ReadonlyMap<string, string>, key: string): ReadonlyMap<string, string> {
  if (!entries.has(key)) return entries;
  const left = new Map(entries);
  left.delete(key);
  return left;
}
