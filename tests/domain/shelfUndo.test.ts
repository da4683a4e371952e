import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { manualOrder, type Shelf } from "../../src/domain/shelf/shelf.ts";
import { anyShelfCommand, given, obey, someBooks } from "./shelfCommands.ts";

const [dream, west, kingdoms, marsh] = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0", "shuihuzhuan0"] as const;
const noon = "2026-03-01T12:00:00.000Z";
const nextNoon = "2026-03-02T12:00:00.000Z";
const tooLate = "2026-03-02T12:00:00.001Z";
const id = "01890a5d-ac96-774b-bcce-b302099a8057";

const add = (bookId: string): ShelfCommand => ({ type: "AddBookToShelf", bookId, capacity: 10 });
const remove = (...bookIds: string[]): ShelfCommand => ({
  type: "RemoveBooksFromShelf",
  bookIds,
  removal: { id, at: noon },
});
const undo = (at = noon, capacity = 10): ShelfCommand => ({ type: "UndoRemoval", at, capacity });
const decide = (command: ShelfCommand, shelf: Shelf) => shelfDecider.decide(command, shelf);
const plain = (shelf: Shelf) => ({
  order: manualOrder(shelf),
  pinned: [...shelf.pinned].sort(),
  groupOf: [...shelf.groupOf].sort(),
  groups: [...shelf.groups],
});

/** In manual order: marsh, kingdoms (pinned, 古典), west (古典), dream. */
const four = given(
  ...[dream, west, kingdoms, marsh].map(add),
  { type: "NameGroup", group: "old", name: "古典" },
  { type: "MoveBookToGroup", bookId: kingdoms, group: "old" },
  { type: "MoveBookToGroup", bookId: west, group: "old" },
  { type: "PinBook", bookId: kingdoms },
);

describe("a removal", () => {
  test("says what goes with each book, as it stood when the ones before were gone", () => {
    const removedAt = noon;
    expect(decide(remove(kingdoms, west, "unknown00000"), four)).toEqual([
      {
        type: "BookRemovedFromShelf",
        data: {
          bookId: kingdoms,
          undo: { removal: id, removedAt, pinned: true, group: "old", after: marsh, before: west },
        },
      },
      {
        type: "BookRemovedFromShelf",
        data: {
          bookId: west,
          undo: { removal: id, removedAt, pinned: false, group: "old", after: marsh, before: dream },
        },
      },
    ]);
  });

  test("is taken back by events that bring each book where it was", () => {
    const removed = obey(four, remove(kingdoms, west));
    expect(decide(undo(), removed)).toEqual([
      {
        type: "BookReturnedToShelf",
        data: { bookId: west, pinned: false, group: "old", after: marsh, before: dream },
      },
      {
        type: "BookReturnedToShelf",
        data: { bookId: kingdoms, pinned: true, group: "old", after: marsh, before: west },
      },
    ]);
    expect(plain(obey(removed, undo()))).toEqual(plain(four));
  });

  test("is taken back within 24 hours, and not later", () => {
    const removed = obey(four, remove(west));
    expect(decide(undo(nextNoon), removed)).toHaveLength(1);
    expect(decide(undo(tooLate), removed)).toMatchObject({ refused: "undo_too_late" });
  });

  test("is taken back once; nothing more has to change then, however late", () => {
    const back = obey(obey(four, remove(west)), undo());
    expect(decide(undo(), back)).toEqual([]);
    expect(decide(undo(tooLate), back)).toEqual([]);
  });

  test("is the last one: one before it stays", () => {
    const removal = { id: "01890a5d-ac96-774b-bcce-b302099a8058", at: noon };
    const removed = obey(obey(four, remove(west)), { type: "RemoveBooksFromShelf", bookIds: [dream], removal });
    expect(manualOrder(obey(removed, undo()))).toEqual([marsh, kingdoms, dream]);
  });

  test("of a command that is decided anew when it is repeated, long after, brings a book back once", () => {
    const again = [remove(west), add(west), remove(west)].reduce(obey, four);
    expect(decide(undo(), again)).toMatchObject([{ data: { bookId: west, group: null } }]);
  });

  test("that never was, or did not say what went with it, is not taken back", () => {
    expect(decide(undo(), four)).toMatchObject({ refused: "nothing_to_undo" });
    const old = shelfDecider.evolve(four, { type: "BookRemovedFromShelf", data: { bookId: west } });
    expect(decide(undo(), old)).toMatchObject({ refused: "removal_not_undoable" });
    expect(decide(undo(), obey(old, remove(dream)))).toHaveLength(1);
    const emptied = obey(four, { type: "ClearShelf" });
    expect(decide(undo(), emptied)).toMatchObject({ refused: "removal_not_undoable" });
  });

  test("can be taken back after an operator's correction, which cannot", () => {
    const removed = obey(four, remove(west, marsh));
    const without: ShelfCommand = { type: "RemoveBooksFromShelf", bookIds: [dream] };
    const [moved, both]: ShelfCommand[] = [
      { type: "ReplaceBook", from: kingdoms, to: "rulin0000000" },
      { type: "ReplaceBook", from: kingdoms, to: dream },
    ];
    expect(manualOrder(obey(obey(removed, without), undo()))).toEqual([marsh, kingdoms, west]);
    expect(manualOrder(obey(obey(removed, moved!), undo())).toSorted()).toEqual(
      [west, marsh, dream, "rulin0000000"].sort(),
    );
    expect(manualOrder(obey(obey(removed, both!), undo())).toSorted()).toEqual([west, marsh, dream].sort());
    expect(decide(undo(), obey(four, without))).toMatchObject({ refused: "nothing_to_undo" });
    expect(decide(undo(tooLate), obey(removed, without))).toMatchObject({ refused: "undo_too_late" });
  });

  test("does not come back with a book that an operator removed since", () => {
    const removed = [remove(west, marsh), add(west), { type: "RemoveBooksFromShelf", bookIds: [west] } as const];
    expect(manualOrder([...removed, undo()].reduce(obey, four))).toEqual([marsh, kingdoms, dream]);
  });

  test("is not taken back onto a shelf that has no room for all its books", () => {
    const removed = obey(four, remove(kingdoms, west));
    expect(decide(undo(noon, 3), removed)).toMatchObject({ refused: "shelf_full" });
    expect(decide(undo(noon, 4), removed)).toHaveLength(2);
  });
});

describe("what was done since stays", () => {
  test("a book that was added again keeps its new place and has no pin", () => {
    const back = [remove(kingdoms, west), add(kingdoms), undo()].reduce(obey, four);
    expect(manualOrder(back)).toEqual([kingdoms, marsh, west, dream]);
    expect([...back.pinned]).toEqual([]);
  });

  test("a group that was deleted stays deleted: the book comes back without one", () => {
    const back = [remove(west), { type: "DeleteGroup", group: "old" } as const, undo()].reduce(obey, four);
    expect([...back.groupOf]).toEqual([]);
    expect(manualOrder(back)).toEqual(manualOrder(four));
  });

  test("a book is put after its former predecessor, or else before its former successor", () => {
    const moved: ShelfCommand = { type: "ReorderBooks", bookIds: [dream, kingdoms] };
    expect(manualOrder([remove(west), moved, undo()].reduce(obey, four))).toEqual([dream, kingdoms, west, marsh]);
    expect(manualOrder([remove(marsh), add("rulin0000000"), undo()].reduce(obey, four))).toEqual([
      "rulin0000000",
      marsh,
      kingdoms,
      west,
      dream,
    ]);
    const alone = given(add(dream), remove(dream), add(west), undo());
    expect(manualOrder(alone)).toEqual([dream, west]);
  });

  test("whatever it was: of each book that is there pin, group and order; all groups; and each book comes back once", () => {
    let returned = 0;
    const before = fc.array(anyShelfCommand, { minLength: 8, maxLength: 30 });
    const since = fc.array(
      anyShelfCommand.filter(({ type }) => type !== "RemoveBooksFromShelf" && type !== "UndoRemoval"),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(before, fc.subarray(someBooks, { minLength: 1 }), since, (earlier, bookIds, later) => {
        const full = given(...earlier);
        const removed = obey(full, remove(...bookIds));
        fc.pre(removed !== full);
        const kept = later.reduce(obey, removed);
        const events = decide(undo(), kept);
        if (isRefusal(events)) throw new Error(events.detail);
        const after = events.reduce(shelfDecider.evolve, kept);
        expect(manualOrder(after).filter((bookId) => kept.books.has(bookId))).toEqual(manualOrder(kept));
        for (const bookId of kept.books) {
          expect(after.pinned.has(bookId)).toBe(kept.pinned.has(bookId));
          expect(after.groupOf.get(bookId)).toBe(kept.groupOf.get(bookId));
        }
        expect([...after.groups]).toEqual([...kept.groups]);
        const gone = bookIds.filter((bookId) => full.books.has(bookId));
        expect([...after.books].sort()).toEqual([...new Set([...kept.books, ...gone])].sort());
        for (const bookId of gone.filter((one) => !kept.books.has(one))) {
          returned++;
          expect(after.pinned.has(bookId)).toBe(full.pinned.has(bookId));
          const group = full.groupOf.get(bookId);
          expect(after.groupOf.get(bookId)).toBe(group !== undefined && kept.groups.has(group) ? group : undefined);
        }
        if (later.length === 0) expect(plain(after)).toEqual(plain(full));
        expect(decide(undo(), after)).toEqual([]);
        expect(shelfDecider.fold!(kept, events as ShelfEvent[])).toMatchObject({ lastRemoval: after.lastRemoval });
      }),
    );
    expect(returned).toBeGreaterThan(20);
  });
});
