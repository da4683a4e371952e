import { expect, test } from "vitest";
import { roundsDecider } from "../../src/domain/reading/rounds/decider.ts";
import type { RoundsEvent } from "../../src/domain/reading/rounds/events.ts";
import { maxRounds } from "../../src/domain/reading/rounds/limits.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";

const { initialState, evolve, fold, decide } = roundsDecider;
const [dream, west] = ["hongloumeng0", "xiyouji00000"] as const;
const readAt = "2026-01-01T00:00:00.000Z";
const began = (round: number, bookId: string = dream): RoundsEvent => ({
  type: "ReadingRoundBegan",
  data: { bookId, round, readAt },
});
const finished = (round: number, bookId: string = dream): RoundsEvent => ({
  type: "BookFinished",
  data: { bookId, round, readAt },
});
const begin = { type: "BeginReadingRound", bookId: dream, readAt } as const;
const finish = { type: "FinishBook", bookId: dream, readAt } as const;
const after = (...events: RoundsEvent[]) => events.reduce(evolve, initialState);

test("a book is finished once, without a beginning", () => {
  expect(decide(finish, initialState)).toEqual([finished(1)]);
  expect(decide(finish, after(finished(1)))).toEqual([]);
});

test("a book is begun again after it was finished, and finished again", () => {
  expect(decide(begin, after(finished(1)))).toEqual([began(2)]);
  expect(decide(finish, after(finished(1), began(2)))).toEqual([finished(2)]);
});

test("a round that began goes on until the book is finished", () => {
  expect(decide(begin, initialState)).toEqual([began(1)]);
  expect(decide(begin, after(began(1)))).toEqual([]);
  expect(decide(begin, after(finished(1), began(2)))).toEqual([]);
});

test("books have rounds of their own", () => {
  expect(decide(finish, after(finished(1, west), began(2, west)))).toEqual([finished(1)]);
});

test("a round that is too many is refused", () => {
  expect(decide(begin, after(finished(maxRounds)))).toMatchObject({ refused: "too_many_rounds" });
});

test("what a device said that was too far ahead is kept", () => {
  const readAtRaw = "2030-01-01T00:00:00.000Z";
  expect(decide({ ...finish, readAtRaw }, initialState)).toEqual([
    { type: "BookFinished", data: { bookId: dream, round: 1, readAt, readAtRaw } },
  ]);
});

test("many events are folded as one after the other", () => {
  const events = [began(1), finished(1), finished(1, west), began(2)];
  expect(fold?.(initialState, events)).toEqual(after(...events));
});

test.each(["ReadingRoundBegan", "BookFinished"])("%s is read as version 1 was written", (type) => {
  const data = JSON.parse(`{"bookId":"hongloumeng0","round":2,"readAt":"${readAt}"}`);
  expect(createCodec().decode(recorded({ type, data }, { schemaVersion: 1 })).data).toEqual(data);
});
