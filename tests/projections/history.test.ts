import fc from "fast-check";
import { expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { type HistoryCommand, historyDecider } from "../../src/domain/history/decider.ts";
import type { HistoryEvent } from "../../src/domain/history/events.ts";
import { history } from "../../src/projections/history/history.ts";
import { type Given, given } from "../support/readModel.ts";

const at = (minutes: number) => new Date(Date.UTC(2026, 2, 1, 12, minutes)).toISOString();
const books = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0", "shuihuzhuan0"] as const;
const anyBook = fc.constantFrom(...books);
const minutes = fc.nat(300);
const anyCommand: fc.Arbitrary<HistoryCommand> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("OpenBook" as const), bookId: anyBook, at: minutes.map(at) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("RemoveBookFromHistory" as const), bookId: anyBook, at: minutes.map(at) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("ClearHistory" as const), at: minutes.map(at) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("UndoRemoval" as const), at: minutes.map(at) }) },
);

test("has the books of each reader that the commands were decided on, whatever they were, and in whatever turns", () => {
  let listed = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("lin", "wang"), anyCommand), { maxLength: 60 }), (sent) => {
      const states = { lin: historyDecider.initialState, wang: historyDecider.initialState };
      const log: Given[] = [];
      for (const [reader, command] of sent as ["lin" | "wang", HistoryCommand][]) {
        const decision = historyDecider.decide(command, states[reader]);
        if (isRefusal(decision)) continue;
        for (const event of decision) log.push([`history-${reader}`, event]);
        states[reader] = decision.reduce(historyDecider.evolve, states[reader]);
      }
      const expected = Object.entries(states).flatMap(([reader, { books }]) =>
        [...books.values()].map(({ bookId, visit, openedAt }) => ({
          reader_id: reader,
          book_id: bookId,
          visit,
          opened_at: new Date(openedAt),
        })),
      );
      const rows = given(history, ...log).rows("history_books");
      const byPlace = (a: (typeof rows)[number], b: typeof a) =>
        a.reader_id < b.reader_id ? -1 : a.reader_id > b.reader_id ? 1 : a.visit - b.visit;
      expect([...rows].sort(byPlace)).toEqual(expected.sort(byPlace));
      listed += rows.length;
    }),
  );
  expect(listed).toBeGreaterThan(50);
});

test("a book that is forgotten goes with the event that opened another", () => {
  const [dream, west] = books;
  const opened = (bookId: string, visit: number, forgotten: string | null): HistoryEvent => ({
    type: "BookOpened",
    data: { bookId, visit, openedAt: at(visit), forgotten },
  });
  const seen = given(history, ["history-lin", opened(dream, 1, null)], ["history-lin", opened(west, 2, dream)]);
  expect(seen.rows("history_books")).toMatchObject([{ book_id: west, visit: 2 }]);
});
