import type { Decider, Refusal } from "../decider.ts";
import type { ShelfEvent } from "./events.ts";
import { maxGroups } from "./groups.ts";
import { type Edge, fullOrder, isBetween, type Move, movesBeforeFullOrder, movesTo } from "./moves.ts";
import type { ShelfRefusal } from "./refusals.ts";
import { type Removal, removeBooks, undoRemoval } from "./removals.ts";
import { arranged, booksIn, emptyShelf, evolveShelf, foldShelf, manualOrder, type Shelf } from "./shelf.ts";
import { shelfSnapshot } from "./snapshot.ts";

export type ShelfCommand =
  /**
   * Also moves the book to `group`, or out of its group if null. Without it a book that is on the shelf already stays where it
   * is.
   */
  | {
      readonly type: "AddBookToShelf";
      readonly bookId: string;
      readonly capacity: number;
      readonly group?: string | null | undefined;
    }
  /** Without `removal` it is a correction, which cannot be undone. */
  | {
      readonly type: "RemoveBooksFromShelf";
      readonly bookIds: readonly string[];
      readonly removal?: Removal | undefined;
    }
  /** Undoes the last RemoveBooksFromShelf, at the time `at`. */
  | { readonly type: "UndoRemoval"; readonly at: string; readonly capacity: number }
  /** Removes up to 500 books: send it until nothing is appended to empty the shelf. */
  | { readonly type: "ClearShelf" }
  /** Puts `to` in the place of `from`, with its pin and group. If `to` is on the shelf already it keeps its place. */
  | { readonly type: "ReplaceBook"; readonly from: string; readonly to: string }
  | { readonly type: "PinBook" | "UnpinBook"; readonly bookId: string }
  | { readonly type: "MoveBookToGroup"; readonly bookId: string; readonly group: string | null }
  | { readonly type: "ReorderBooks"; readonly bookIds: readonly string[] }
  /** Creates the group, or renames an existing one. */
  | { readonly type: "NameGroup"; readonly group: string; readonly name: string }
  | { readonly type: "DeleteGroup"; readonly group: string }
  | { readonly type: "ReorderGroups"; readonly groups: readonly string[] };

/** The rules of a shelf. A reader has several devices: a command whose effect another device already achieved is not an error. */
export const shelfDecider: Decider<Shelf, ShelfCommand, ShelfEvent, ShelfRefusal> = {
  initialState: emptyShelf,
  evolve: evolveShelf,
  fold: foldShelf,
  snapshot: shelfSnapshot,

  decide(command, shelf) {
    switch (command.type) {
      case "AddBookToShelf":
        return addBook(command, shelf);
      case "RemoveBooksFromShelf":
        return removeBooks(command.bookIds, command.removal, shelf);
      case "UndoRemoval":
        return undoRemoval(command, shelf);
      case "ClearShelf":
        return [...shelf.books]
          .slice(0, maxCleared)
          .map((bookId) => ({ type: "BookRemovedFromShelf", data: { bookId } }));
      case "ReplaceBook":
        return replaceBook(command, shelf);
      case "PinBook":
        if (!shelf.books.has(command.bookId)) return notShelved(command.bookId);
        return shelf.pinned.has(command.bookId) ? [] : [{ type: "ShelfBookPinned", data: { bookId: command.bookId } }];
      case "UnpinBook":
        if (!shelf.books.has(command.bookId)) return notShelved(command.bookId);
        return shelf.pinned.has(command.bookId)
          ? [{ type: "ShelfBookUnpinned", data: { bookId: command.bookId } }]
          : [];
      case "MoveBookToGroup":
        if (!shelf.books.has(command.bookId)) return notShelved(command.bookId);
        return moveBook(command.bookId, command.group, shelf);
      case "ReorderBooks":
        return reorderBooks(command.bookIds, shelf);
      case "NameGroup":
        return nameGroup(command.group, command.name, shelf);
      case "DeleteGroup": {
        const { group } = command;
        if (!shelf.groups.has(group)) return [];
        return [{ type: "ShelfGroupDeleted", data: { group, bookIds: [...booksIn(shelf, group)] } }];
      }
      case "ReorderGroups": {
        const order = [...shelf.groups.keys()];
        const moves = newOrder(order, arranged(order, command.groups), shelf.groupMoves, "before");
        return moves.length === 0 ? [] : [{ type: "ShelfGroupsReordered", data: { moves } }];
      }
    }
  },
};

/** Some 200 KB of events; an append may have 1 MiB. */
const maxCleared = 500;

type Decision = readonly ShelfEvent[] | Refusal<ShelfRefusal>;

function addBook({ bookId, capacity, group }: ShelfCommand & { type: "AddBookToShelf" }, shelf: Shelf): Decision {
  const moved = group === undefined ? [] : moveBook(bookId, group, shelf);
  if (shelf.books.has(bookId) || "refused" in moved) return moved;
  if (shelf.books.size >= capacity) {
    return { refused: "shelf_full", detail: `The shelf holds ${capacity} books; remove one first.` };
  }
  return [{ type: "BookAddedToShelf", data: { bookId } }, ...moved];
}

function replaceBook({ from, to }: ShelfCommand & { type: "ReplaceBook" }, shelf: Shelf): Decision {
  if (from === to) return [];
  if (!shelf.books.has(from)) return notShelved(from);
  if (shelf.books.has(to)) return removeBooks([from], undefined, shelf);
  const before = manualOrder(shelf);
  const wanted = before.flatMap((bookId) => (bookId === from ? [to, from] : [bookId]));
  const moves = newOrder([to, ...before], wanted, shelf.bookMoves, "after");
  const group = shelf.groupOf.get(from);
  const arrives: ShelfEvent[] = [{ type: "BookAddedToShelf", data: { bookId: to } }];
  if (group !== undefined) arrives.push({ type: "ShelfBookMovedToGroup", data: { bookId: to, group } });
  if (shelf.pinned.has(from)) arrives.push({ type: "ShelfBookPinned", data: { bookId: to } });
  if (moves.length > 0) arrives.push({ type: "ShelfBooksReordered", data: { moves } });
  return [...arrives, ...removeBooks([from], undefined, foldShelf(shelf, arrives))];
}

function moveBook(bookId: string, group: string | null, shelf: Shelf): Decision {
  if (group !== null && !shelf.groups.has(group)) {
    return { refused: "group_not_found", detail: `The shelf has no group ${group}.` };
  }
  return (shelf.groupOf.get(bookId) ?? null) === group
    ? []
    : [{ type: "ShelfBookMovedToGroup", data: { bookId, group } }];
}

function reorderBooks(wanted: readonly string[], shelf: Shelf): Decision {
  const before = manualOrder(shelf);
  const moves = newOrder(before, arranged(before, wanted), shelf.bookMoves, "after");
  return moves.length === 0 ? [] : [{ type: "ShelfBooksReordered", data: { moves } }];
}

/** The maximum length of an order that is recorded in full for the sake of ranks: some 300 KB; an append may have 1 MiB. */
const maxFullOrder = 20_000;

/** The moved items; occasionally the whole order, so that read models that rank items between neighbours can renumber. */
function newOrder(before: readonly string[], after: readonly string[], movesSinceFull: number, edge: Edge): Move[] {
  const moves = movesTo(before, after);
  const isDue = movesSinceFull >= movesBeforeFullOrder && after.length <= maxFullOrder;
  return [...(isDue && isBetween(moves, edge) ? fullOrder(after) : moves)];
}

function nameGroup(group: string, name: string, shelf: Shelf): Decision {
  const before = shelf.groups.get(group);
  if (before === name) return [];
  if ([...shelf.groups.values()].includes(name)) {
    return { refused: "group_name_taken", detail: "Another group of the shelf has this name." };
  }
  if (before !== undefined) return [{ type: "ShelfGroupRenamed", data: { group, name } }];
  if (shelf.groups.size >= maxGroups) {
    return { refused: "too_many_groups", detail: `A shelf has at most ${maxGroups} groups; delete one first.` };
  }
  return [{ type: "ShelfGroupCreated", data: { group, name } }];
}

function notShelved(bookId: string): Refusal<ShelfRefusal> {
  return { refused: "book_not_on_shelf", detail: `The book ${bookId} is not on the shelf.` };
}
