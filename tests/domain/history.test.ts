import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { type HistoryCommand, historyDecider } from "../../src/domain/history/decider.ts";
import { type HistoryEvent, maxHistory } from "../../src/domain/history/events.ts";
import { emptyHistory, type History } from "../../src/domain/history/history.ts";
import { historySnapshot } from "../../src/domain/history/snapshot.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";

const { evolve, decide, fold } = historyDecider;
const [dream, west, kingdoms] = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0"] as const;
/** So many minutes after noon. */
const at = (minutes: number) => new Date(Date.UTC(2026, 2, 1, 12, minutes)).toISOString();
const day = 24 * 60;

const open = (bookId: string, minutes = 0): HistoryCommand => ({ type: "OpenBook", bookId, at: at(minutes) });
const remove = (bookId: string, minutes = 0): HistoryCommand => ({
  type: "RemoveBookFromHistory",
  bookId,
  at: at(minutes),
});
const clear = (minutes = 0): HistoryCommand => ({ type: "ClearHistory", at: at(minutes) });
const undo = (minutes = 0): HistoryCommand => ({ type: "UndoRemoval", at: at(minutes) });

function obey(history: History, command: HistoryCommand): History {
  const decision = decide(command, history);
  return isRefusal(decision) ? history : decision.reduce(evolve, history);
}
const given = (...commands: HistoryCommand[]) => commands.reduce(obey, emptyHistory);
/** The newest first. */
const listed = ({ books }: History) => [...books.keys()].reverse();
const bookOf = (number: number) => String(number).padStart(12, "0");
const full = given(...Array.from({ length: maxHistory }, (_, number) => open(bookOf(number), number)));

describe("a history", () => {
  test("has the book that was opened last first, and each book once", () => {
    const history = given(open(dream), open(west, 1), open(dream, 2));
    expect(listed(history)).toEqual([dream, west]);
    expect(decide(open(dream, 3), history)).toEqual([
      { type: "BookOpened", data: { bookId: dream, visit: 4, openedAt: at(3), forgotten: null } },
    ]);
  });

  test("ignores the newest book within a minute, and no other", () => {
    const history = given(open(dream), open(west));
    expect(decide(open(west, 0.9), history)).toEqual([]);
    expect(decide(open(west, 1), history)).toHaveLength(1);
    expect(decide(open(dream, 0.1), history)).toHaveLength(1);
    expect(decide(open(west, 0.1), obey(history, remove(west)))).toHaveLength(1);
  });

  test("ignores the book that became the newest by a removal, until an undo brings the other back", () => {
    const removed = given(open(dream), open(west), remove(west, 0.1));
    expect(decide(open(dream, 0.9), removed)).toEqual([]);
    expect(decide(open(dream, 1), removed)).toHaveLength(1);
    const undone = obey(removed, undo(0.2));
    expect(decide(open(west, 0.9), undone)).toEqual([]);
    expect(decide(open(dream, 0.9), undone)).toHaveLength(1);
  });

  test(`forgets the oldest book when another is opened beyond ${maxHistory}`, () => {
    expect(decide(open(dream, 2_000), full)).toMatchObject([{ data: { bookId: dream, forgotten: bookOf(0) } }]);
    expect(decide(open(bookOf(5), 2_000), full)).toMatchObject([{ data: { forgotten: null } }]);
    const after = obey(full, open(dream, 2_000));
    expect(after.books.size).toBe(maxHistory);
    expect(after.books.has(bookOf(0))).toBe(false);
  });

  test("takes a visit of the past only if nothing in it is later", () => {
    const past = (bookId: string, minutes: number): HistoryCommand => ({
      type: "OpenBook",
      bookId,
      at: at(minutes),
      isPast: true,
    });
    const history = given(past(dream, 0), past(west, 2));
    expect(listed(history)).toEqual([west, dream]);
    for (const bookId of [dream, west, kingdoms]) expect(decide(past(bookId, 1), history)).toEqual([]);
    expect(decide(past(kingdoms, 2), history)).toHaveLength(1);
    expect(decide(past(dream, 1_000), full)).toMatchObject([{ data: { forgotten: bookOf(0) } }]);
    expect(decide(past(dream, 998), full)).toEqual([]);
    const cleared = obey(history, clear(5));
    expect(decide(past(dream, 4), cleared)).toEqual([]);
    expect(decide(past(dream, 5), cleared)).toHaveLength(1);
  });

  test("loses a book, or all, once", () => {
    const history = given(open(dream), open(west, 1));
    expect(decide(remove(west, 5), history)).toEqual([
      { type: "BookRemovedFromHistory", data: { bookId: west, visit: 2, openedAt: at(1), removedAt: at(5) } },
    ]);
    expect(decide(remove(kingdoms), history)).toEqual([]);
    expect(decide(clear(5), history)).toEqual([
      {
        type: "BrowseHistoryCleared",
        data: {
          clearedAt: at(5),
          books: [
            { bookId: dream, visit: 1, openedAt: at(0) },
            { bookId: west, visit: 2, openedAt: at(1) },
          ],
        },
      },
    ]);
    expect(decide(clear(), obey(history, clear()))).toEqual([]);
    expect(decide(clear(), emptyHistory)).toEqual([]);
  });
});

describe("a removal from the history", () => {
  const history = given(open(dream), open(west, 1), open(kingdoms, 2));

  test("and a clearing are taken back: the books stand where they stood", () => {
    expect(listed([remove(west), undo()].reduce(obey, history))).toEqual([kingdoms, west, dream]);
    const cleared = obey(history, clear());
    expect(decide(undo(), cleared)).toEqual([
      {
        type: "BooksReturnedToHistory",
        data: { books: [dream, west, kingdoms].map((bookId, n) => ({ bookId, visit: n + 1, openedAt: at(n) })) },
      },
    ]);
    expect([...obey(cleared, undo()).books]).toEqual([...history.books]);
  });

  test("is taken back within 24 hours, once", () => {
    const cleared = obey(history, clear());
    expect(decide(undo(day), cleared)).toHaveLength(1);
    expect(decide(undo(day + 1), cleared)).toMatchObject({ refused: "undo_too_late" });
    expect(decide(undo(), obey(cleared, undo()))).toEqual([]);
    expect(decide(undo(), history)).toMatchObject({ refused: "nothing_to_undo" });
  });

  test("leaves what was opened since: a book that is there again keeps its newer visit", () => {
    const again = [clear(), open(west, 10), open("rulin0000000", 11), undo(12)].reduce(obey, history);
    expect(listed(again)).toEqual(["rulin0000000", west, kingdoms, dream]);
    expect(again.books.get(west)).toEqual({ bookId: west, visit: 4, openedAt: at(10) });
  });

  test("brings back the newest books only, if there is no room for all", () => {
    const since = [clear(2_000), open(dream, 2_001), open(west, 2_002), undo(2_003)].reduce(obey, full);
    expect(since.books.size).toBe(maxHistory);
    expect(listed(since).slice(0, 3)).toEqual([west, dream, bookOf(999)]);
    expect(listed(since).at(-1)).toBe(bookOf(2));
    expect(decide(undo(2_004), since)).toEqual([]);
  });
});

test("a full history is cleared and comes back by one event each, far below the 1 MiB of an append", () => {
  for (const decision of [decide(clear(2_000), full), decide(undo(2_000), obey(full, clear(2_000)))]) {
    expect(decision).toHaveLength(1);
    expect(JSON.stringify(decision).length).toBeLessThan(100_000);
  }
});

const anyBook = fc.constantFrom(dream, west, kingdoms, "shuihuzhuan0");
const anyCommand: fc.Arbitrary<HistoryCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(anyBook, fc.nat(3 * day)).map(([book, minutes]) => open(book, minutes)) },
  { weight: 2, arbitrary: fc.tuple(anyBook, fc.nat(3 * day)).map(([book, minutes]) => remove(book, minutes)) },
  { weight: 1, arbitrary: fc.nat(3 * day).map(clear) },
  { weight: 2, arbitrary: fc.nat(3 * day).map(undo) },
);
const anyHistory = fc.array(anyCommand, { maxLength: 40 });

test("nothing more is decided once a command was obeyed, whatever came before", () => {
  fc.assert(
    fc.property(anyHistory, anyCommand, (commands, command) => {
      const history = given(...commands);
      fc.pre(!isRefusal(decide(command, history)));
      expect(decide(command, obey(history, command))).toEqual([]);
    }),
  );
});

test("what was opened since a removal is there after its undo, first and in the same order; each removed book is there once", () => {
  const opened = fc.array(fc.tuple(anyBook, fc.nat(day)), { maxLength: 6 });
  fc.assert(
    fc.property(anyHistory, fc.option(anyBook), opened, (commands, gone, since) => {
      const before = given(...commands);
      const removed = obey(before, gone === null ? clear() : remove(gone));
      fc.pre(removed !== before);
      const kept = since.map(([bookId, minutes]) => open(bookId, minutes)).reduce(obey, removed);
      const after = obey(kept, undo(1));
      const newer = listed(kept).filter((bookId) => (kept.books.get(bookId)?.visit ?? 0) > before.visits);
      expect(listed(after).slice(0, newer.length)).toEqual(newer);
      expect(listed(after).slice(newer.length)).toEqual(listed(before).filter((bookId) => !newer.includes(bookId)));
      for (const bookId of kept.books.keys()) expect(after.books.get(bookId)).toEqual(kept.books.get(bookId));
    }),
  );
});

test("comes of many events at once as of one after the other, of what the store gives back, and from a snapshot", () => {
  const codec = createCodec();
  fc.assert(
    fc.property(anyHistory, fc.nat(40), (commands, cut) => {
      const events: HistoryEvent[] = [];
      const history = commands.reduce((state, command) => {
        const decision = decide(command, state);
        if (isRefusal(decision)) return state;
        events.push(...decision);
        return decision.reduce(evolve, state);
      }, emptyHistory);
      const read = events.map((event) => {
        const { data } = codec.decode(recorded(JSON.parse(JSON.stringify(event)), { stream: "history-reader" }));
        return { type: event.type, data } as HistoryEvent;
      });
      const plain = (state: History) => historySnapshot.encode(state);
      expect(plain(fold!(emptyHistory, read))).toEqual(plain(history));
      const half = fold!(emptyHistory, read.slice(0, cut));
      const snapshot = historySnapshot.decode(JSON.parse(JSON.stringify(plain(half))));
      expect(plain(fold!(snapshot, read.slice(cut)))).toEqual(plain(history));
      expect([...fold!(snapshot, read.slice(cut)).books]).toEqual([...history.books]);
    }),
  );
});

test("version 1 of the snapshot is this: if this test must change, snapshots need another version", () => {
  expect(historySnapshot.version).toBe(1);
  expect(historySnapshot.encode(given(open(dream), open(west, 1), remove(dream, 2)))).toEqual({
    visits: 2,
    books: [[west, 2, at(1)]],
    lastRemoval: { removedAt: at(2), books: [[dream, 1, at(0)]] },
  });
});
