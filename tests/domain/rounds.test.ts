import { describe, expect, test } from "vitest";
import { roundsDecider } from "../../src/domain/reading/rounds/decider.ts";
import type { RoundsEvent } from "../../src/domain/reading/rounds/events.ts";
import { maxRounds } from "../../src/domain/reading/rounds/limits.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";

const { initialState, evolve, fold, decide } = roundsDecider;
const [dream, west] = ["hongloumeng0", "xiyouji00000"] as const;
const readAt = "2026-01-01T00:00:00.000Z";
/** This many hours (or fewer) before now. */
const ago = (hours: number) => new Date(Date.parse(readAt) - hours * 3_600_000).toISOString();
const began = (round: number, bookId: string = dream, hoursAgo = 0): RoundsEvent => ({
  type: "ReadingRoundBegan",
  data: { bookId, round, readAt: ago(hoursAgo) },
});
const finished = (round: number, bookId: string = dream, hoursAgo = 0): RoundsEvent => ({
  type: "BookFinished",
  data: { bookId, round, readAt: ago(hoursAgo) },
});
const begin = { type: "BeginReadingRound", bookId: dream, readAt, at: readAt } as const;
const finish = { type: "FinishBook", bookId: dream, readAt, at: readAt } as const;
const stateAfter = (...events: RoundsEvent[]) => events.reduce(evolve, initialState);

test("a book is finished once, without a beginning", () => {
  expect(decide(finish, initialState)).toEqual([finished(1)]);
  expect(decide(finish, stateAfter(finished(1)))).toEqual([]);
});

test("a book is begun again after it was finished, and finished again", () => {
  expect(decide(begin, stateAfter(finished(1)))).toEqual([began(2)]);
  expect(decide(finish, stateAfter(finished(1), began(2)))).toEqual([finished(2)]);
});

test("a round continues until the book is finished", () => {
  expect(decide(begin, initialState)).toEqual([began(1)]);
  expect(decide(begin, stateAfter(began(1)))).toEqual([]);
  expect(decide(begin, stateAfter(finished(1), began(2)))).toEqual([]);
});

test("books have rounds of their own", () => {
  expect(decide(finish, stateAfter(finished(1, west), began(2, west)))).toEqual([finished(1)]);
});

test("a round that is too many is refused", () => {
  expect(decide(begin, stateAfter(finished(maxRounds)))).toMatchObject({ refused: "too_many_rounds" });
});

test("what a device said that was too far ahead is kept", () => {
  const readAtRaw = "2030-01-01T00:00:00.000Z";
  expect(decide({ ...finish, readAtRaw }, initialState)).toEqual([
    { type: "BookFinished", data: { bookId: dream, round: 1, readAt, readAtRaw } },
  ]);
});

describe("a late report", () => {
  const reading = [finished(1, dream, 4), began(2, dream, 1)];
  const readTwice = [finished(1, dream, 9), began(2, dream, 7), finished(2, dream, 2)];

  test("of a finish from before the round is none of its, which can still be finished", () => {
    expect(decide({ ...finish, readAt: ago(3) }, stateAfter(...reading))).toEqual([]);
    expect(decide({ ...finish, readAt: ago(1) }, stateAfter(...reading))).toEqual([finished(2, dream, 1)]);
    expect(decide(finish, stateAfter(...reading))).toEqual([finished(2)]);
  });

  test("of a beginning from before the last finish begins no round", () => {
    expect(decide({ ...begin, readAt: ago(8) }, stateAfter(...readTwice))).toEqual([]);
    expect(decide({ ...begin, readAt: ago(2) }, stateAfter(...readTwice))).toEqual([began(3, dream, 2)]);
  });

  test("concerns its book only", () => {
    expect(decide({ ...finish, readAt: ago(3) }, stateAfter(began(1, west)))).toEqual([finished(1, dream, 3)]);
  });

  test("that an earlier release counted has no effect", () => {
    expect(stateAfter(...reading, finished(2, dream, 3))).toEqual(stateAfter(...reading));
    expect(stateAfter(...readTwice, began(3, dream, 8))).toEqual(stateAfter(...readTwice));
    expect(decide(finish, stateAfter(...reading, finished(2, dream, 3)))).toEqual([finished(2)]);
  });
});

test("a round whose last event came through a server whose clock is ahead goes on at the same time", () => {
  expect(decide(finish, stateAfter(began(2, dream, -0.001)))).toEqual([finished(2, dream, -0.001)]);
  expect(decide({ ...finish, readAt: ago(3) }, stateAfter(began(2, dream, -2)))).toEqual([
    { type: "BookFinished", data: { bookId: dream, round: 2, readAt: ago(-2), readAtRaw: ago(3) } },
  ]);
});

test("many events are folded as one after the other", () => {
  const events = [began(1), finished(1), finished(1, west), began(2)];
  expect(fold?.(initialState, events)).toEqual(stateAfter(...events));
});

test.each(["ReadingRoundBegan", "BookFinished"])("%s is read as version 1 was written", (type) => {
  const data = JSON.parse(`{"bookId":"hongloumeng0","round":2,"readAt":"${readAt}"}`);
  expect(createCodec().decode(recorded({ type, data }, { schemaVersion: 1 })).data).toEqual(data);
});
