import { expect, test } from "vitest";
import { sloppyFrequency } from "../../../embedded/elasticsearch/scoring/phrase.ts";

test("a word that occurs three times in a sloppy phrase must stand at three places", () => {
  const thrice = (positions: number[]) => sloppyFrequency([positions, positions, positions], [0, 1, 2], [0, 0, 0], 5);
  expect(thrice([10, 11, 12])).toBe(1);
  expect(thrice([10, 12])).toBe(0);
  // Two stand near each other, but no third: 9.4.3 finds nothing.
  expect(thrice([0, 4, 20, 22, 30])).toBe(0);
});
