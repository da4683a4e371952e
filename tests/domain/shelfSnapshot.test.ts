import { expect, test } from "vitest";
import { shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { shelfSnapshot } from "../../src/domain/shelf/snapshot.ts";

const [a, b, c, d, e] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd", "eeeeeeeeeeee"] as const;
const undo = { removal: "01890a5d-ac96-774b-bcce-b302099a8057", removedAt: "2026-03-01T12:00:00.000Z" };
const gone = { pinned: true, group: "old", after: b, before: null };
const log: readonly ShelfEvent[] = [
  ...[a, b, c].map((bookId): ShelfEvent => ({ type: "BookAddedToShelf", data: { bookId } })),
  { type: "ShelfBookPinned", data: { bookId: a } },
  { type: "ShelfGroupCreated", data: { group: "night", name: "夜读" } },
  { type: "ShelfGroupCreated", data: { group: "old", name: "古典" } },
  { type: "ShelfBookMovedToGroup", data: { bookId: b, group: "old" } },
  { type: "ShelfBooksReordered", data: { moves: [{ ids: [c], after: b, before: a }] } },
  { type: "ShelfGroupsReordered", data: { moves: [{ ids: ["old"], after: null, before: "night" }] } },
  { type: "BookAddedToShelf", data: { bookId: d } },
  { type: "BookRemovedFromShelf", data: { bookId: d, undo: { ...undo, ...gone } } },
  { type: "BookAddedToShelf", data: { bookId: e } },
  { type: "BookRemovedFromShelf", data: { bookId: e, correction: true } },
];
const kept = {
  order: [b, c, a],
  pinned: [a],
  groupOf: [[b, "old"]],
  groups: [
    ["old", "古典"],
    ["night", "夜读"],
  ],
  bookMoves: 1,
  groupMoves: 1,
  lastRemoval: { id: undo.removal, removedAt: undo.removedAt, books: [{ bookId: d, ...gone }] },
};

test("version 3 is what this log makes: if this test must change, snapshots need another version", () => {
  expect(shelfSnapshot.version).toBe(3);
  expect(shelfSnapshot.encode(shelfDecider.fold!(shelfDecider.initialState, log))).toEqual(kept);
});

test("a decoded shelf behaves like the encoded one", () => {
  const decoded = shelfSnapshot.decode(JSON.parse(JSON.stringify(kept)));
  expect(shelfSnapshot.encode(decoded)).toEqual(kept);
  const more: readonly ShelfEvent[] = [
    { type: "BookReturnedToShelf", data: { bookId: d, ...gone } },
    { type: "BookRemovedFromShelf", data: { bookId: b } },
    { type: "BookAddedToShelf", data: { bookId: b } },
    { type: "ShelfBooksReordered", data: { moves: [{ ids: [b], after: c, before: a }] } },
  ];
  const whole = shelfDecider.fold!(shelfDecider.initialState, [...log, ...more]);
  expect(shelfSnapshot.encode(shelfDecider.fold!(decoded, more))).toEqual(shelfSnapshot.encode(whole));
  expect(shelfSnapshot.encode(decoded)).toEqual(kept);
});

test.each([null, "not recorded"] as const)("no removal, or one that is %s, is kept as it is", (lastRemoval) => {
  const decoded = shelfSnapshot.decode(JSON.parse(JSON.stringify({ ...kept, lastRemoval })));
  expect(decoded.lastRemoval).toBe(lastRemoval);
  expect(shelfSnapshot.encode(decoded)).toEqual({ ...kept, lastRemoval });
});
