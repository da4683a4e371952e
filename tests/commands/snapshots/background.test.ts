import { expect, test } from "vitest";
import { createBackground } from "../../../src/commands/snapshots/background.ts";

/** Work that ends on demand. */
function held() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      begun.push(name);
      ends.set(name, resolve);
    });
  return { begun, work, end: (name: string) => ends.get(name)?.() };
}

test("two run at once, one a key, and of those that wait with one key the latest", async () => {
  const { begun, work, end } = held();
  const background = createBackground(() => expect.unreachable());
  background("a", work("a1"));
  background("a", work("a2"));
  background("a", work("a3"));
  background("b", work("b1"));
  background("c", work("c1"));
  expect(begun).toEqual([]);
  await expect.poll(() => begun).toEqual(["a1", "b1"]);
  end("b1");
  await expect.poll(() => begun).toEqual(["a1", "b1", "c1"]);
  end("a1");
  await expect.poll(() => begun).toEqual(["a1", "b1", "c1", "a3"]);
  end("c1");
  end("a3");
  await background.idle();
});

test("a failed task is reported, and later ones run; too many are refused", async () => {
  const failed: string[] = [];
  const { begun, work, end } = held();
  const background = createBackground((error, key) => failed.push(`${key}: ${(error as Error).message}`));
  background("bad", () => Promise.reject(new Error("away")));
  background("worse", () => {
    throw new Error("broken");
  });
  await background.idle();
  expect(failed.sort()).toEqual(["bad: away", "worse: broken"]);
  for (const key of ["1", "2"]) background(key, work(key));
  await expect.poll(() => begun).toEqual(["1", "2"]);
  const taken = Array.from({ length: 101 }, (_, index) => background(`waits ${index}`, async () => {}));
  expect(taken.lastIndexOf(true)).toBe(99);
  expect(taken[100]).toBe(false);
  end("1");
  end("2");
  await background.idle();
});
