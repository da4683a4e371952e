import type { Refusal } from "../decider.ts";
import { refuseUndo } from "../undo.ts";
import type { ShelfEvent } from "./events.ts";
import type { ShelfRefusal } from "./refusals.ts";
import { manualOrder, type RemovedBook, type Shelf } from "./shelf.ts";

/** The id of a removal, and its time (ISO 8601, by the API's clock). */
export type Removal = { readonly id: string; readonly at: string };

/**
 * Removes those of the books that are on the shelf. Without `removal` this is a correction: it cannot be undone, but the reader's
 * last removal still can.
 */
export function removeBooks(bookIds: readonly string[], removal: Removal | undefined, shelf: Shelf): ShelfEvent[] {
  const there = [...new Set(bookIds)].filter((bookId) => shelf.books.has(bookId));
  if (removal === undefined || there.length === 0) {
    return there.map((bookId) => ({ type: "BookRemovedFromShelf", data: { bookId, correction: true } }));
  }
  const left = [...manualOrder(shelf)];
  return there.map((bookId) => {
    const place = left.indexOf(bookId);
    left.splice(place, 1);
    const undo = {
      removal: removal.id,
      removedAt: removal.at,
      pinned: shelf.pinned.has(bookId),
      group: shelf.groupOf.get(bookId) ?? null,
      after: left[place - 1] ?? null,
      before: left[place] ?? null,
    };
    return { type: "BookRemovedFromShelf", data: { bookId, undo } };
  });
}

/**
 * Undoes the last removal at the time `at`. Later changes stay: a book that is on the shelf again is left alone, and a book
 * whose group was deleted returns without one. Empty if all its books are on the shelf.
 */
export function undoRemoval(
  { at, capacity }: { readonly at: string; readonly capacity: number },
  shelf: Shelf,
): readonly ShelfEvent[] | Refusal<ShelfRefusal> {
  const { lastRemoval, books, groups } = shelf;
  if (lastRemoval === "not recorded") {
    return { refused: "removal_not_undoable", detail: "The last removal did not record what went with the books." };
  }
  const back = (lastRemoval?.books ?? []).filter(({ bookId }) => !books.has(bookId)).toReversed();
  if (lastRemoval !== null && back.length === 0) return [];
  const refusal = refuseUndo(lastRemoval?.removedAt, at);
  if (refusal !== undefined) return refusal;
  if (books.size + back.length > capacity) {
    const detail = `The shelf holds ${capacity} books, and ${back.length} would come back; remove others first.`;
    return { refused: "shelf_full", detail };
  }
  const order = [...manualOrder(shelf)];
  return back.map((removed) => {
    const { bookId, pinned, group } = removed;
    const place = placeIn(order, removed);
    order.splice(place, 0, bookId);
    const neighbours = { after: order[place - 1] ?? null, before: order[place + 1] ?? null };
    const there = group !== null && groups.has(group) ? group : null;
    return { type: "BookReturnedToShelf", data: { bookId, pinned, group: there, ...neighbours } };
  });
}

/** The place after its former predecessor, else before its former successor, else first. */
function placeIn(order: readonly string[], { after, before }: RemovedBook): number {
  const previous = after === null ? -1 : order.indexOf(after);
  if (previous >= 0) return previous + 1;
  return Math.max(0, before === null ? 0 : order.indexOf(before));
}
