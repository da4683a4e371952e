import type { ShelfEvent } from "./events.ts";
import { type Edge, isBetween, isFullOrder, knownMoves, type Move } from "./moves.ts";
import { emptyOrder, listed, moved, type Order, orderOf, removed } from "./order.ts";

/** A removed book with its pin and group. `after` and `before` were its neighbours. */
export type RemovedBook = {
  readonly bookId: string;
  readonly pinned: boolean;
  readonly group: string | null;
  readonly after: string | null;
  readonly before: string | null;
};

/** The books that one command removed, in order of removal. */
export type LastRemoval = {
  readonly id: string;
  readonly removedAt: string;
  readonly books: readonly RemovedBook[];
};

/** A reader's shelf. Each part is a separate collection, so that an event copies only what it changes. */
export type Shelf = {
  /** The books, in unspecified order. */
  readonly books: ReadonlySet<string>;
  /** The manual order of the books. */
  readonly order: Order;
  /** The number of orders of books, and of groups, recorded as moves between neighbours since the last one recorded in full. */
  readonly bookMoves: number;
  readonly groupMoves: number;
  readonly pinned: ReadonlySet<string>;
  /** The group of each grouped book, by book id. */
  readonly groupOf: ReadonlyMap<string, string>;
  /** The names of the groups by id, in the order of the groups. */
  readonly groups: ReadonlyMap<string, string>;
  /** Null before the first removal; `not recorded` if the event has no `undo` and is no correction. */
  readonly lastRemoval: LastRemoval | "not recorded" | null;
};

export const emptyShelf: Shelf = {
  books: new Set(),
  order: emptyOrder,
  bookMoves: 0,
  groupMoves: 0,
  pinned: new Set(),
  groupOf: new Map(),
  groups: new Map(),
  lastRemoval: null,
};

/** The books in the reader's manual order, new ones first. */
export function manualOrder({ order }: Shelf): readonly string[] {
  return listed(order);
}

/** The books of a group, in unspecified order. */
export function booksIn({ groupOf }: Shelf, group: string): readonly string[] {
  return [...groupOf].filter(([, of]) => of === group).map(([bookId]) => bookId);
}

/** `items` with the listed `wanted` ones first. Unknown items are ignored; of duplicates the first counts. */
export function arranged(items: readonly string[], wanted: readonly string[]): readonly string[] {
  const there = new Set(items);
  const first = new Set(wanted.filter((item) => there.has(item)));
  return [...first, ...items.filter((item) => !first.has(item))];
}

/** The shelf after an event. An event on a missing book or group changes nothing. */
export function evolveShelf(shelf: Shelf, event: ShelfEvent): Shelf {
  return evolve(shelf, event, ownNothing());
}

/** The shelf after many events. Copies each collection once, which for a full shelf saves most of the time. */
export function foldShelf(shelf: Shelf, events: readonly ShelfEvent[]): Shelf {
  const own = ownNothing();
  return events.reduce((folded, event) => evolve(folded, event, own), shelf);
}

/** The collections that this fold has created, by themselves; since no one else refers to them they are changed in place. */
type Own = {
  readonly sets: Map<ReadonlySet<string>, Set<string>>;
  readonly maps: Map<ReadonlyMap<string, string>, Map<string, string>>;
};

const ownNothing = (): Own => ({ sets: new Map(), maps: new Map() });

function evolve(shelf: Shelf, event: ShelfEvent, own: Own): Shelf {
  const { books, pinned, groupOf, groups } = shelf;
  switch (event.type) {
    case "BookAddedToShelf": {
      const { bookId } = event.data;
      if (books.has(bookId)) return shelf;
      const order = moved(shelf.order, [{ ids: [bookId], after: null, before: null }]);
      return { ...shelf, books: ownSet(books, own).add(bookId), order };
    }
    case "BookRemovedFromShelf": {
      const { bookId } = event.data;
      if (!books.has(bookId)) return shelf;
      return {
        ...shelf,
        lastRemoval: lastRemovalAfter(shelf.lastRemoval, event.data),
        books: without(books, bookId, ownSet, own),
        order: removed(shelf.order, bookId),
        pinned: without(pinned, bookId, ownSet, own),
        groupOf: without(groupOf, bookId, ownMap, own),
      };
    }
    case "BookReturnedToShelf": {
      const { bookId, group, after, before } = event.data;
      if (books.has(bookId)) return shelf;
      const moves = [{ ids: [bookId], after: after !== null && books.has(after) ? after : null, before }];
      return {
        ...shelf,
        books: ownSet(books, own).add(bookId),
        order: moved(shelf.order, moves),
        bookMoves: countOn(shelf.bookMoves, moves, "after"),
        pinned: event.data.pinned ? ownSet(pinned, own).add(bookId) : pinned,
        groupOf: group === null ? groupOf : ownMap(groupOf, own).set(bookId, group),
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
      const moves = knownMoves(event.data.moves, books);
      if (isFullOrder(moves, books.size)) return { ...shelf, order: orderOf(moves[0]?.ids ?? []), bookMoves: 0 };
      return { ...shelf, order: moved(shelf.order, moves), bookMoves: countOn(shelf.bookMoves, moves, "after") };
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
      const moves = knownMoves(event.data.moves, groups);
      const order = listed(moved(orderOf([...groups.keys()]), moves));
      const groupMoves = isFullOrder(moves, groups.size) ? 0 : countOn(shelf.groupMoves, moves, "before");
      return { ...shelf, groups: new Map(order.map((group) => [group, groups.get(group) ?? ""])), groupMoves };
    }
  }
}

function lastRemovalAfter(
  last: Shelf["lastRemoval"],
  { bookId, undo, correction }: (ShelfEvent & { type: "BookRemovedFromShelf" })["data"],
): Shelf["lastRemoval"] {
  if (correction === undefined) return undo === undefined ? "not recorded" : withBook(last, bookId, undo);
  if (last === null || last === "not recorded") return last;
  // An undo must not bring back what an operator took away.
  return { ...last, books: last.books.filter((book) => book.bookId !== bookId) };
}

function withBook(
  last: Shelf["lastRemoval"],
  bookId: string,
  {
    removal,
    removedAt,
    ...kept
  }: Omit<RemovedBook, "bookId"> & { readonly removal: string; readonly removedAt: string },
): LastRemoval {
  const same = typeof last === "object" && last?.id === removal ? last.books : [];
  // A command that is sent again after it was forgotten may remove a book twice.
  const before = same.filter((book) => book.bookId !== bookId);
  return { id: removal, removedAt, books: [...before, { bookId, ...kept }] };
}

function countOn(count: number, moves: readonly Move[], edge: Edge): number {
  return isBetween(moves, edge) ? count + 1 : count;
}

function ownSet(items: ReadonlySet<string>, { sets }: Own): Set<string> {
  const owned = sets.get(items);
  if (owned !== undefined) return owned;
  const copy = new Set(items);
  sets.set(copy, copy);
  return copy;
}

function ownMap(entries: ReadonlyMap<string, string>, { maps }: Own): Map<string, string> {
  const owned = maps.get(entries);
  if (owned !== undefined) return owned;
  const copy = new Map(entries);
  maps.set(copy, copy);
  return copy;
}

/** The collection without a key; the same object if the key is not in it. */
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
