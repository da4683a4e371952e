import { expect, test } from "vitest";
import type { HeimaEvent } from "../../../src/domain/events.ts";
import { rounds } from "../../../src/projections/reading/rounds.ts";
import { given } from "../../support/readModel.ts";

const bookId = "hongloumeng0";
const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const event = (type: "BookFinished" | "ReadingRoundBegan", round: number, hour: number): [string, HeimaEvent] => [
  "rounds-lin",
  { type, data: { bookId, round, readAt: at(hour).toISOString() } },
];
const finished = (round: number, hour: number) => event("BookFinished", round, hour);
const began = (round: number, hour: number) => event("ReadingRoundBegan", round, hour);
const shown = (...events: [string, HeimaEvent][]) =>
  given(rounds, ...events)
    .rows("reading_rounds")
    .map(({ round, began_at, finished_at }) => [round, began_at, finished_at]);

test("rounds have the times at which they were begun and finished, equal ones too", () => {
  expect(shown(finished(1, 1), began(2, 1), finished(2, 1), began(3, 4))).toEqual([
    [1, null, at(1)],
    [2, at(1), at(1)],
    [3, at(4), null],
  ]);
});

test("what an earlier release counted for the wrong round is not shown, and leaves the round to its true finish", () => {
  const lateFinish = [finished(1, 6), began(2, 9), finished(2, 7)];
  expect(shown(...lateFinish)).toEqual([
    [1, null, at(6)],
    [2, at(9), null],
  ]);
  expect(shown(...lateFinish, finished(2, 10))).toEqual([
    [1, null, at(6)],
    [2, at(9), at(10)],
  ]);
  expect(shown(finished(1, 1), began(2, 3), finished(2, 8), began(3, 2), finished(3, 7))).toEqual([
    [1, null, at(1)],
    [2, at(3), at(8)],
  ]);
});
