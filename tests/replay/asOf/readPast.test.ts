import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isRefusal } from "../../../src/domain/decider.ts";
import { preferencesDecider } from "../../../src/domain/preferences/decider.ts";
import { type ShelfCommand, shelfDecider } from "../../../src/domain/shelf/decider.ts";
import { manualOrder } from "../../../src/domain/shelf/shelf.ts";
import { differenceOf, isSame } from "../../../src/replay/asOf/difference.ts";
import type { Past } from "../../../src/replay/asOf/past.ts";
import { readPast } from "../../../src/replay/asOf/readPast.ts";
import { type At, minute, recorded, storeOf } from "./world.ts";

const reader = "01890a5d-ac96-774b-bcce-b302099a8057";
const [stone, water] = ["hongloumeng1", "shuihuzhuan1"];
const [shelf, progress, choices, account] = ["shelf", "progress", "preferences", "account"].map(
  (c) => `${c}-${reader}`,
);

const entry = (bookId: string, chapterNo: number, readAt: string, deviceId = "phone") => ({
  type: "ReadingProgressed" as const,
  data: {
    entryId: randomUUID(),
    bookId,
    chapterId: "chapter00001",
    chapterNo,
    offset: 10 * chapterNo,
    readAt,
    activeSeconds: 30,
    deviceId,
  },
});

const life: At[] = [
  [0, account!, { type: "ReaderRegistered", data: { via: "wechat" } }],
  [1, shelf!, { type: "BookAddedToShelf", data: { bookId: stone } }],
  [2, shelf!, { type: "BookAddedToShelf", data: { bookId: water } }],
  [3, shelf!, { type: "ShelfGroupCreated", data: { group: "g1", name: "四大名著" } }],
  [4, shelf!, { type: "ShelfBookMovedToGroup", data: { bookId: stone, group: "g1" } }],
  [5, progress!, entry(stone, 3, "2026-01-01T00:05:00.000Z")],
  // Read earlier than what was recorded before it: it arrives late, and changes nothing.
  [6, progress!, entry(stone, 1, "2026-01-01T00:00:30.000Z", "pad")],
  [
    7,
    choices!,
    { type: "ReaderSettingsAdjusted", data: { ...preferencesDecider.initialState.settings, fontSize: 20 } },
  ],
  [8, shelf!, { type: "ShelfBookPinned", data: { bookId: water } }],
  [9, shelf!, { type: "BookRemovedFromShelf", data: { bookId: stone } }],
  [10, progress!, entry(water, 2, "2026-01-01T00:10:00.000Z")],
];

async function pastAt(minutes: number, events: readonly At[] = life): Promise<Past> {
  const found = await readPast(storeOf(recorded(events)), reader, minute(minutes));
  if (found.found !== "past") throw new Error(found.found);
  return found.past;
}

test("a reader's shelf, places and choices are those of the time, which is inclusive", async () => {
  expect(await pastAt(0)).toEqual({
    readerId: reader,
    asOf: "2026-01-01T00:00:00.000Z",
    since: "2026-01-01T00:00:00.000Z",
    shelf: { books: [], groups: [] },
    places: [],
    preferences: { ...preferencesDecider.initialState.preferences, changedAt: null },
    settings: { ...preferencesDecider.initialState.settings, changedAt: null },
  });
  const seven = await pastAt(7);
  expect(seven.shelf).toEqual({
    books: [
      { bookId: water, addedAt: minute(2).toISOString(), pinned: false, groupId: null },
      { bookId: stone, addedAt: minute(1).toISOString(), pinned: false, groupId: "g1" },
    ],
    groups: [{ groupId: "g1", name: "四大名著" }],
  });
  expect(seven.places).toMatchObject([{ bookId: stone, chapterNo: 3, offset: 30, deviceId: "phone" }]);
  expect(seven.settings).toMatchObject({ fontSize: 20, changedAt: minute(7).toISOString() });
  const ten = await pastAt(10);
  expect(ten.shelf.books).toMatchObject([{ bookId: water, pinned: true }]);
  expect(ten.places.map(({ bookId }) => bookId)).toEqual([water, stone]);
  expect((await pastAt(9.99)).places.map(({ bookId }) => bookId)).toEqual([stone]);
});

test("what changed between two times is told part by part", async () => {
  const difference = differenceOf(await pastAt(6), await pastAt(10));
  expect(difference).toMatchObject({
    from: minute(6).toISOString(),
    to: minute(10).toISOString(),
    shelf: {
      added: [],
      removed: [{ bookId: stone }],
      changed: [{ bookId: water, pinned: { from: false, to: true } }],
      reordered: false,
      groups: [],
    },
    places: [{ bookId: water, from: null, to: { chapterNo: 2 } }],
    preferences: {},
    settings: { fontSize: { from: 14, to: 20 } },
  });
  expect(isSame(difference)).toBe(false);
  expect(isSame(differenceOf(await pastAt(10), await pastAt(11)))).toBe(true);
});

test("before the first event, of nobody, and of an erased reader there is no past", async () => {
  const events = recorded(life);
  const notYet = await readPast(storeOf(events), reader, minute(-1));
  expect(notYet).toMatchObject({ found: "not_yet", since: minute(0), past: { shelf: { books: [] } } });
  expect(await readPast(storeOf(events), randomUUID(), minute(9))).toEqual({ found: "unknown" });
  const erased: At[] = [...life, [20, account!, { type: "ReaderErased", data: {} }]];
  expect(await readPast(storeOf(recorded(erased)), reader, minute(9))).toEqual({ found: "erased" });
  // The streams are deleted before the account says so.
  expect(await readPast(storeOf(events, [shelf!]), reader, minute(9))).toEqual({ found: "erased" });
});

test("when the store's clock goes back, the past is still one that was", async () => {
  const events: At[] = [
    [5, shelf!, { type: "BookAddedToShelf", data: { bookId: stone } }],
    [3, shelf!, { type: "ShelfBookPinned", data: { bookId: stone } }],
  ];
  const found = await readPast(storeOf(recorded(events)), reader, minute(4));
  expect(found).toMatchObject({ found: "not_yet", past: { shelf: { books: [] } } });
});

test("at every time the shelf is what the decider had when it decided the next command", async () => {
  const bookId = fc.integer({ min: 1, max: 6 }).map((n) => `book0000000${n}`);
  const group = fc.constantFrom("g1", "g2");
  const command: fc.Arbitrary<ShelfCommand> = fc.oneof(
    bookId.map((bookId) => ({ type: "AddBookToShelf" as const, bookId, capacity: 100 })),
    bookId.map((bookId) => ({ type: "PinBook" as const, bookId })),
    fc.record({ type: fc.constant("MoveBookToGroup" as const), bookId, group: fc.option(group) }),
    fc.array(bookId, { minLength: 1, maxLength: 3 }).map((bookIds) => ({ type: "ReorderBooks" as const, bookIds })),
    fc.array(bookId, { minLength: 1, maxLength: 2 }).map((bookIds) => ({
      type: "RemoveBooksFromShelf" as const,
      bookIds,
      removal: { id: randomUUID(), at: "2026-01-01T00:00:00.000Z" },
    })),
    fc.constant({ type: "UndoRemoval" as const, at: "2026-01-01T00:00:01.000Z", capacity: 100 }),
    group.map((group) => ({ type: "NameGroup" as const, group, name: `组${group}` })),
    group.map((group) => ({ type: "DeleteGroup" as const, group })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
      const events: At[] = [[0, account!, { type: "ReaderRegistered", data: { via: "wechat" } }]];
      const states = [shelfDecider.initialState];
      for (const [index, one] of commands.entries()) {
        const before = states[index] ?? shelfDecider.initialState;
        const decided = shelfDecider.decide(one, before);
        const made = isRefusal(decided) ? [] : decided;
        events.push(...made.map((event): At => [index + 1, shelf!, event]));
        states.push(made.reduce((state, event) => shelfDecider.evolve(state, event), before));
      }
      for (const [index, state] of states.entries()) {
        const { books, groups } = (await pastAt(index, events)).shelf;
        expect(books.map(({ bookId }) => bookId)).toEqual(manualOrder(state));
        expect(
          books
            .filter(({ pinned }) => pinned)
            .map(({ bookId }) => bookId)
            .sort(),
        ).toEqual([...state.pinned].sort());
        expect(groups.map(({ groupId }) => groupId)).toEqual([...state.groups.keys()]);
        expect(books.every(({ addedAt }) => addedAt !== "")).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});
