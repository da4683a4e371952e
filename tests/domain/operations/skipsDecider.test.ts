import { expect, test } from "vitest";
import type { SkipsEvent } from "../../../src/domain/operations/events.ts";
import { type SkipParkedEvent, skipsDecider } from "../../../src/domain/operations/skipsDecider.ts";

const command: SkipParkedEvent = {
  type: "SkipParkedEvent",
  readModel: "shelf",
  eventId: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
  position: 2n ** 60n,
  skippedBy: "an operator",
  reason: "by hand",
};
const decide = (given: readonly SkipsEvent[], sent: SkipParkedEvent) =>
  skipsDecider.decide(sent, given.reduce(skipsDecider.evolve, skipsDecider.initialState));
const { type: _, position, ...data } = command;
const skipped: SkipsEvent = { type: "ParkedEventSkipped", data: { ...data, position: String(position) } };

test("an event is skipped once, whoever asks for it again and why", () => {
  expect(decide([], command)).toEqual([skipped]);
  expect(decide([skipped], { ...command, skippedBy: "another", reason: "again" })).toEqual([]);
});

test("the same event in another read model, and another event, are skips of their own", () => {
  expect(decide([skipped], { ...command, readModel: "library" })).toHaveLength(1);
  expect(decide([skipped], { ...command, eventId: "00000000-0000-4000-8000-000000000001" })).toHaveLength(1);
});
