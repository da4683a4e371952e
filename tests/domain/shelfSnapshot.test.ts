import { expect, test } from "vitest";
import { shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { shelfSnapshot } from "../../src/domain/shelf/snapshot.ts";

const [a, b, c] = ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"] as const;
const log: readonly ShelfEvent[] = [
  ...[a, b, c].map((bookId): ShelfEvent => ({ type: "BookAddedToShelf", data: { bookId } })),
  { type: "ShelfBookPinned", data: { bookId: a } },
  { type: "ShelfGroupCreated", data: { group: "night", name: "夜读" } },
  { type: "ShelfGroupCreated", data: { group: "old", name: "古典" } },
  { type: "ShelfBookMovedToGroup", data: { bookId: b, group: "old" } },
  { type: "ShelfBooksReordered", data: { moves: [{ ids: [c], after: b, before: a }] } },
  { type: "ShelfGroupsReordered", data: { moves: [{ ids: ["old"], after: null, before: "night" }] } },
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
};

test("version 1 is what this log makes: if this test must change, snapshots need another version", () => {
  expect(shelfSnapshot.version).toBe(1);
  expect(shelfSnapshot.encode(shelfDecider.fold!(shelfDecider.initialState, log))).toEqual(kept);
});

test("a decoded shelf goes on as the one that was encoded", () => {
  const decoded = shelfSnapshot.decode(JSON.parse(JSON.stringify(kept)));
  expect(shelfSnapshot.encode(decoded)).toEqual(kept);
  const more: readonly ShelfEvent[] = [
    { type: "BookRemovedFromShelf", data: { bookId: b } },
    { type: "BookAddedToShelf", data: { bookId: b } },
    { type: "ShelfBooksReordered", data: { moves: [{ ids: [b], after: c, before: a }] } },
  ];
  const whole = shelfDecider.fold!(shelfDecider.initialState, [...log, ...more]);
  expect(shelfSnapshot.encode(shelfDecider.fold!(decoded, more))).toEqual(shelfSnapshot.encode(whole));
  expect(shelfSnapshot.encode(decoded)).toEqual(kept);
});
