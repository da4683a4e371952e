import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { type Shelf, type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";

const { initialState, evolve, decide } = shelfDecider;
const dream = "hongloumeng0";
const west = "xiyouji00000";
const added = (bookId: string): ShelfEvent => ({ type: "BookAddedToShelf", data: { bookId } });
const removed = (bookId: string): ShelfEvent => ({ type: "BookRemovedFromShelf", data: { bookId } });
const shelfAfter = (...events: ShelfEvent[]): Shelf => events.reduce(evolve, initialState);
const add = (bookId: string, capacity = 10): ShelfCommand => ({ type: "AddBookToShelf", bookId, capacity });
const remove = (bookId: string): ShelfCommand => ({ type: "RemoveBookFromShelf", bookId });

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
    expect(decide(remove(dream), shelfAfter(added(dream)))).toEqual([removed(dream)]);
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

  const anyBook = fc.constantFrom("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd");
  const anyCommand = fc.oneof(
    anyBook.map((bookId) => add(bookId, 3)),
    anyBook.map(remove),
  );

  test("decides nothing more once a command was obeyed, whatever came before", () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 30 }), anyCommand, (history, command) => {
        const shelf = history.reduce(obey, initialState);
        const first = decide(command, shelf);
        fc.pre(!isRefusal(first));
        expect(decide(command, obey(shelf, command))).toEqual([]);
      }),
    );
  });

  test("never holds more books than its capacity", () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 60 }), (history) => {
        expect(history.reduce(obey, initialState).books.size).toBeLessThanOrEqual(3);
      }),
    );
  });
});

function obey(shelf: Shelf, command: ShelfCommand): Shelf {
  const decision = decide(command, shelf);
  return isRefusal(decision) ? shelf : decision.reduce(evolve, shelf);
}
