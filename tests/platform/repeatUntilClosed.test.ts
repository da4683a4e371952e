import { expect, test } from "vitest";
import { pauseAfter, repeatUntilClosed } from "../../src/platform/repeatUntilClosed.ts";

test("pauses double with each failure in a row up to the longest, and are all the same without one", () => {
  const failures = [0, 1, 2, 3, 4, 100];
  const pauses = { everyMs: 1_000, longestMs: 5_000 };
  expect(failures.map((count) => pauseAfter(count, pauses))).toEqual([1_000, 1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(failures.map((count) => pauseAfter(count, { everyMs: 1_000 }))).toEqual(failures.map(() => 1_000));
});

test("goes on after failures, and ends with the run that is under way", async () => {
  const seen: string[] = [];
  const repeating = repeatUntilClosed(
    async () => {
      seen.push("run");
      if (seen.length < 4) throw new Error("away");
    },
    { everyMs: 1, longestMs: 2, onFailure: (error) => seen.push((error as Error).message) },
  );
  await expect.poll(() => seen.length).toBeGreaterThan(5);
  await repeating.close();
  expect(seen.slice(0, 6)).toEqual(["run", "away", "run", "away", "run", "run"]);
});
