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
  return evolve(shelf, event, new Set());
}

/** The shelf after many events; copies each collection once, which for a full shelf saves most of the time. */
export function foldShelf(shelf: Shelf, events: readonly ShelfEvent[]): Shelf {
  const own: Own = new Set();
  return events.reduce((folded, event) => evolve(folded, event, own), shelf);
}

/** The collections that this fold has made: nobody else has them yet, so they are changed in place. */
type Own = Set<object>;

function evolve(shelf: Shelf, event: ShelfEvent, own: Own): Shelf {
  const { books, pinned, groupOf, groups } = shelf;
  switch (event.type) {
    case "BookAddedToShelf":
      return { ...shelf, books: ownSet(books, own).add(event.data.bookId) };
    case "BookRemovedFromShelf": {
      const { bookId } = event.data;
      return {
        books: without(books, bookId, ownSet, own),
        pinned: without(pinned, bookId, ownSet, own),
        groupOf: without(groupOf, bookId, ownMap, own),
        groups,
      };
    }
    case "ShelfBookPinned":
      return books.has(event.data.bookId) ? { ...shelf, pinned: ownSet(pinned, own).add(event.data.bookId) } : shelf;
    case "ShelfBookUnpinned":
      return { ...shelf, pinned: without(pinned, event.data.bookId, ownSet, own) };
    case "ShelfBookMovedToGroup": {
      const { bookId, group } = event.data;
      if (group === null) return { ...shelf, groupOf: without(groupOf, bookId, ownMap, own) };
      return books.has(bookId) ? { ...shelf, groupOf: ownMap(groupOf, own).set(bookId, group) } : shelf;
    }
    case "ShelfBooksReordered": {
      const reordered = ownSet(books, own);
      for (const bookId of event.data.bookIds.toReversed()) if (reordered.delete(bookId)) reordered.add(bookId);
      return { ...shelf, books: reordered };
    }
    case "ShelfGroupCreated":
    case "ShelfGroupRenamed":
      return { ...shelf, groups: ownMap(groups, own).set(event.data.group, event.data.name) };
    case "ShelfGroupDeleted": {
      const left = ownMap(groupOf, own);
      for (const bookId of event.data.bookIds) left.delete(bookId);
      return { ...shelf, groupOf: left, groups: without(groups, event.data.group, ownMap, own) };
    }
    case "ShelfGroupsReordered": {
      const order = arranged([...groups.keys()], event.data.groups);
      return { ...shelf, groups: new Map(order.map((group) => [group, groups.get(group) ?? ""])) };
    }
  }
}

function ownSet(items: ReadonlySet<string>, own: Own): Set<string> {
  if (own.has(items)) return items as Set<string>;
  const copy = new Set(items);
  own.add(copy);
  return copy;
}

function ownMap(entries: ReadonlyMap<string, string>, own: Own): Map<string, string> {
  if (own.has(entries)) return entries as Map<string, string>;
  const copy = new Map(entries);
  own.add(copy);
  return copy;
}

/** The collection without a key; itself if the key is not in it. */
function without<Shown extends { has(key: string): boolean }, Owned extends Shown & { delete(key: string): boolean }>(
  collection: Shown,
  key: string,
  toOwn: (collection: Shown, own: Own) => Owned,
  own: Own,
): Shown {
  if (!collection.has(key)) return collection;
  const left = toOwn(collection, own);
  left.delete(key);
  return left;
}
