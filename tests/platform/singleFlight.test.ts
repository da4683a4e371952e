import { expect, test } from "vitest";
import { cachedFor, singleFlight } from "../../src/platform/singleFlight.ts";

test("a failure reaches all who waited for it, and is not kept", async () => {
  let made = 0;
  const ask = cachedFor(
    1_000,
    async () => {
      made += 1;
      if (made === 1) throw new Error("no");
      return made;
    },
    () => 0,
  );
  const answers = await Promise.allSettled([ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await ask()).toBe(2);
  expect(await ask()).toBe(2);
});

test("work that throws at once rejects, and does not stay in the way", async () => {
  let begun = 0;
  const ask = singleFlight(() => {
    begun += 1;
    throw new Error("at once");
  });
  await expect(ask()).rejects.toThrow("at once");
  await expect(ask()).rejects.toThrow("at once");
  expect(begun).toBe(2);
});
