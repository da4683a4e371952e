import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { manualOrder, type Shelf } from "../../src/domain/shelf/shelf.ts";
import { anyShelfCommand, given, obey, someCapacity } from "./shelfCommands.ts";

const { initialState, evolve, decide } = shelfDecider;
const fold = shelfDecider.fold!;
/** A complete shelf, including orders: equality of sets and maps ignores them. */
const plain = (shelf: Shelf) => ({
  order: manualOrder(shelf),
  pinned: [...shelf.pinned].sort(),
  groupOf: [...shelf.groupOf].sort(),
  groups: [...shelf.groups],
});
const dream = "hongloumeng0";
const west = "xiyouji00000";
const added = (bookId: string): ShelfEvent => ({ type: "BookAddedToShelf", data: { bookId } });
const removed = (bookId: string): ShelfEvent => ({ type: "BookRemovedFromShelf", data: { bookId } });
const shelfAfter = (...events: ShelfEvent[]): Shelf => events.reduce(evolve, initialState);
const add = (bookId: string, capacity = 10): ShelfCommand => ({ type: "AddBookToShelf", bookId, capacity });
const remove = (bookId: string): ShelfCommand => ({ type: "RemoveBooksFromShelf", bookIds: [bookId] });
const anyHistory = fc.array(anyShelfCommand, { maxLength: 40 });

describe("a shelf", () => {
  test("takes a book that is not on it", () => {
    expect(decide(add(dream), shelfAfter(added(west)))).toEqual([added(dream)]);
  });

  test("ignores a book that is on it already, even when full", () => {
    expect(decide(add(dream, 1), shelfAfter(added(dream)))).toEqual([]);
  });

  test("refuses a book beyond its capacity", () => {
    expect(decide(add(dream, 1), shelfAfter(added(west)))).toMatchObject({ refused: "shelf_full" });
  });

  test("takes a book again after one was removed", () => {
    expect(decide(add(dream, 1), shelfAfter(added(west), removed(west)))).toEqual([added(dream)]);
  });

  test("gives a book back", () => {
    const corrected = { type: "BookRemovedFromShelf", data: { bookId: dream, correction: true } };
    expect(decide(remove(dream), shelfAfter(added(dream)))).toEqual([corrected]);
  });

  test("ignores the removal of a book that is not on it", () => {
    expect(decide(remove(dream), shelfAfter(added(west)))).toEqual([]);
  });

  test("keeps its books in the order in which they came", () => {
    const shelf = shelfAfter(added(west), added(dream), removed(west), added(west));
    expect([...shelf.books]).toEqual([dream, west]);
  });

  test("does not change a state that was folded before", () => {
    const before = shelfAfter(added(west));
    evolve(before, added(dream));
    evolve(before, removed(west));
    expect([...before.books]).toEqual([west]);
  });

  test("decides nothing more once a command was obeyed, whatever came before", () => {
    fc.assert(
      fc.property(anyHistory, anyShelfCommand, (history, command) => {
        const shelf = given(...history);
        fc.pre(!isRefusal(decide(command, shelf)));
        expect(decide(command, obey(shelf, command))).toEqual([]);
      }),
    );
  });

  test("comes of many events at once as of one after the other, and what was folded before stays as it was", () => {
    fc.assert(
      fc.property(anyHistory, anyHistory, (history, later) => {
        const before = given(...history);
        const events: ShelfEvent[] = [];
        const after = later.reduce((shelf, command) => {
          const decision = decide(command, shelf);
          if (isRefusal(decision)) return shelf;
          events.push(...decision);
          return decision.reduce(evolve, shelf);
        }, before);
        const kept = plain(before);
        expect(plain(fold(before, events))).toEqual(plain(after));
        expect(plain(before)).toEqual(kept);
      }),
    );
  });

  test("never holds more books than its capacity", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        expect(given(...history).books.size).toBeLessThanOrEqual(someCapacity);
      }),
    );
  });

  test("has, whatever two devices do, one manual order of exactly its books, each in one group at most", () => {
    fc.assert(
      fc.property(anyHistory, anyHistory, fc.infiniteStream(fc.boolean()), (one, other, turns) => {
        let shelf = initialState;
        const shelved = new Set<string>();
        for (const command of interleaved(one, other, turns)) {
          const decision = decide(command, shelf);
          if (isRefusal(decision)) continue;
          for (const event of decision) {
            shelf = evolve(shelf, event);
            if (event.type === "BookAddedToShelf" || event.type === "BookReturnedToShelf") {
              shelved.add(event.data.bookId);
            }
            if (event.type === "BookRemovedFromShelf") shelved.delete(event.data.bookId);
          }
          const order = manualOrder(shelf);
          expect([...order].sort()).toEqual([...shelved].sort());
          expect([...shelf.pinned].filter((bookId) => !shelved.has(bookId))).toEqual([]);
          // groupOf has one group for a book; that group and the book must exist.
          expect([...shelf.groupOf].filter(([book, of]) => !shelved.has(book) || !shelf.groups.has(of))).toEqual([]);
          const names = [...shelf.groups.values()];
          expect(new Set(names).size).toBe(names.length);
        }
      }),
    );
  });
});

/** The commands of two devices, each in its own order. */
function* interleaved(one: readonly ShelfCommand[], other: readonly ShelfCommand[], turns: Iterator<boolean>) {
  const [left, right] = [[...one], [...other]];
  while (left.length + right.length > 0) {
    const from = right.length === 0 || (left.length > 0 && turns.next().value) ? left : right;
    yield from.shift() as ShelfCommand;
  }
}
