import { expect, test } from "vitest";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { emptyShelf, foldShelf, manualOrder, type Shelf } from "../../src/domain/shelf/shelf.ts";

const bookOf = (number: number) => `book${String(number).padStart(8, "0")}`;
const decide = (command: ShelfCommand, shelf: Shelf) => {
  const decided = shelfDecider.decide(command, shelf);
  if ("refused" in decided) throw new Error(decided.refused);
  return decided;
};
const shelfOf = (books: number) =>
  foldShelf(
    emptyShelf,
    Array.from(
      { length: books },
      (_, number): ShelfEvent => ({ type: "BookAddedToShelf", data: { bookId: bookOf(number) } }),
    ),
  );

test("a shelf is emptied by removals, in pieces that an append can take", () => {
  let shelf = shelfOf(1_201);
  const pieces: number[] = [];
  for (;;) {
    const events = decide({ type: "ClearShelf" }, shelf);
    if (events.length === 0) break;
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["BookRemovedFromShelf"]));
    pieces.push(events.length);
    shelf = foldShelf(shelf, events);
  }
  expect(pieces).toEqual([500, 500, 201]);
  expect(shelf.books.size).toBe(0);
});

const replace = (from: number, to: number): ShelfCommand => ({
  type: "ReplaceBook",
  from: bookOf(from),
  to: bookOf(to),
});

test.each([0, 1, 2, 3])("book %i is replaced in its place, with its pin and its group", (from) => {
  const bookId = bookOf(from);
  const before = foldShelf(shelfOf(4), [
    { type: "ShelfGroupCreated", data: { group: "g", name: "金陵" } },
    { type: "ShelfBookMovedToGroup", data: { bookId, group: "g" } },
    { type: "ShelfBookPinned", data: { bookId } },
  ]);
  const events = decide(replace(from, 9), before);
  const after = foldShelf(before, events);
  expect(manualOrder(after)).toEqual(manualOrder(before).map((book) => (book === bookId ? bookOf(9) : book)));
  expect([after.groupOf.get(bookOf(9)), after.pinned.has(bookOf(9)), after.books.has(bookId)]).toEqual([
    "g",
    true,
    false,
  ]);
});

test("a book that is there already stays where it is, and the other one goes", () => {
  const before = shelfOf(3);
  expect(decide(replace(0, 2), before)).toMatchObject([{ type: "BookRemovedFromShelf", data: { bookId: bookOf(0) } }]);
  expect(decide(replace(1, 1), before)).toEqual([]);
  expect(shelfDecider.decide(replace(7, 8), before)).toMatchObject({ refused: "book_not_on_shelf" });
});
