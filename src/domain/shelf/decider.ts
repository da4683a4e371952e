import type { Decider, Refusal } from "../decider.ts";
import type { ShelfEvent } from "./events.ts";
import { maxGroups } from "./groups.ts";
import { type Edge, fullOrder, isBetween, type Move, movesBeforeFullOrder, movesTo } from "./moves.ts";
import type { ShelfRefusal } from "./refusals.ts";
import { type Removal, removeBooks, undoRemoval } from "./removals.ts";
import { arranged, booksIn, emptyShelf, evolveShelf, foldShelf, manualOrder, type Shelf } from "./shelf.ts";
import { shelfSnapshot } from "./snapshot.ts";

export type ShelfCommand =
  /** Also moves the book to `group`, or out of its group if that is null; without it a shelved book stays where it is. */
  | {
      readonly type: "AddBookToShelf";
      readonly bookId: string;
      readonly capacity: number;
      readonly group?: string | null | undefined;
    }
  /** Without `removal` it cannot be taken back. */
  | {
      readonly type: "RemoveBooksFromShelf";
      readonly bookIds: readonly string[];
      readonly removal?: Removal | undefined;
    }
  /** Takes back the last RemoveBooksFromShelf, at the time `at`. */
  | { readonly type: "UndoRemoval"; readonly at: string; readonly capacity: number }
  | { readonly type: "PinBook" | "UnpinBook"; readonly bookId: string }
  | { readonly type: "MoveBookToGroup"; readonly bookId: string; readonly group: string | null }
  | { readonly type: "ReorderBooks"; readonly bookIds: readonly string[] }
  /** Makes the group if it is not there, else renames it. */
  | { readonly type: "NameGroup"; readonly group: string; readonly name: string }
  | { readonly type: "DeleteGroup"; readonly group: string }
  | { readonly type: "ReorderGroups"; readonly groups: readonly string[] };

/** The rules of a shelf. A reader has several devices: what one of them made true already is no error on another. */
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

type Decision = readonly ShelfEvent[] | Refusal<ShelfRefusal>;

function addBook({ bookId, capacity, group }: ShelfCommand & { type: "AddBookToShelf" }, shelf: Shelf): Decision {
  const moved = group === undefined ? [] : moveBook(bookId, group, shelf);
  if (shelf.books.has(bookId) || "refused" in moved) return moved;
  if (shelf.books.size >= capacity) {
    return { refused: "shelf_full", detail: `The shelf holds ${capacity} books; remove one first.` };
  }
  return [{ type: "BookAddedToShelf", data: { bookId } }, ...moved];
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

/** The most ids that an order lists only because it is its turn: some 300 KB, where an append takes 1 MiB. */
const maxFullOrder = 20_000;

/** What moved; at times the whole order, so that those who rank the moved ones between their neighbours can begin anew. */
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
