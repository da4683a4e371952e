import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Range,
  rangesOf,
  rangesText,
  secondsIn,
  slotSeconds,
  slotsOf,
  withRange,
} from "../../../src/projections/reading/seconds.ts";

const at = (time: string) => new Date(`2026-03-02T${time}Z`);

test.each([
  ["nothing", "08:10:00", 0, []],
  ["within a slot", "08:10:00", 60, [[2, [540, 600]]]],
  ["to the end of a slot", "08:15:00", 60, [[2, [840, 900]]]],
  ["from the begin of a slot", "08:01:00", 60, [[2, [0, 60]]]],
  [
    "across slots",
    "08:31:00",
    1_000,
    [
      [2, [860, 900]],
      [3, [0, 900]],
      [4, [0, 60]],
    ],
  ],
  ["parts of a second are cut off", "08:10:00.999", 1, [[2, [599, 600]]]],
] as const)("the slots of an interval: %s", (_, end, seconds, expected) => {
  const first = at("07:30:00").getTime() / 1000 / slotSeconds;
  expect(slotsOf(at(end), seconds).map(({ slot, range }) => [slot - first, range])).toEqual(expected);
});

test("any order and any repeats of intervals hold the same seconds", () => {
  const range = fc
    .tuple(fc.nat(899), fc.integer({ min: 1, max: 900 }))
    .map(([from, length]): Range => [from, Math.min(900, from + length)]);
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 30 }), fc.infiniteStream(fc.nat()), (ranges, random) => {
      const shuffled = [...ranges, ...ranges]
        .map((one) => [random.next().value as number, one] as const)
        .sort(([one], [other]) => one - other);
      const seen = new Set(
        ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, index) => from + index)),
      );
      const union = ranges.reduce<readonly Range[]>(withRange, []);
      expect(shuffled.reduce<readonly Range[]>((sum, [, one]) => withRange(sum, one), [])).toEqual(union);
      expect(secondsIn(union)).toBe(seen.size);
      expect(rangesOf(rangesText(union))).toEqual(union);
      for (const [index, [from]] of union.entries()) expect(from).toBeGreaterThan(union[index - 1]?.[1] ?? -1);
    }),
  );
});
