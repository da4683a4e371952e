import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { freshStore, type Store } from "../store.ts";
import { takeOverWorld, three } from "./takeOverWorld.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { pairAtTheEnd, park, attempt, stateOf } = takeOverWorld(() => store);

test("a build does not take over while it parks a key that the old one has not parked, or parked at a later event only", async () => {
  const { old, next } = await pairAtTheEnd();
  await park(next, 10n, "a");
  expect(await attempt(three(), next)).toBe("waiting");
  await park(old, 20n, "a");
  expect(await attempt(three(), next)).toBe("waiting");
  await park(old, 5n, "b");
  expect(await attempt(three(), next)).toBe("waiting");
  expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
});

test("a build takes over when the old one has parked its keys at the same event or before, in whatever partition", async () => {
  const { old, next } = await pairAtTheEnd();
  await park(next, 10n, "a");
  await park(next, 20n, "b", 1);
  await park(old, 10n, "a", 2);
  await park(old, 5n, "b");
  await park(old, 25n, "b", 1);
  await park(old, 1n, "c");
  expect(await attempt(three(), next)).toBe("live");
  expect(await stateOf(next)).toBe("live");
});

test("a build does not take over when it parks a key while the old one is locked", async () => {
  const { old, next } = await pairAtTheEnd();
  const parking: ReadModelStore = {
    ...store.store,
    takeOver: (one, other, mayTakeOver) =>
      store.store.takeOver(one, other, async (highest) => {
        await park(next, 30n, "c");
        return mayTakeOver(highest);
      }),
  };
  expect(await attempt(three(), next, { store: parking })).toBe("waiting");
  expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
});
