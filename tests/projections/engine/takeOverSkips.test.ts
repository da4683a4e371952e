import { afterAll, beforeAll, expect, test } from "vitest";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import { fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { added, codec, idAt, logger, oneMore, quick, recorded, skipOf } from "../fixtures.ts";
import { freshStore, intercepted, type Store } from "../store.ts";
import { finishedLog } from "./finishedLog.ts";
import { takeOverWorld, three } from "./takeOverWorld.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { add, pairAtTheEnd, setCheckpoints, park, attempt, takeOverWhenReady, stateOf } = takeOverWorld(() => store);
const never = new AbortController().signal;

const statesOf = async ({ readModel }: Build) =>
  (await store.catalog.buildsOf(readModel)).map(({ number, state }) => [number, state]);

/** A catalog whose first attempt to add a build fails. */
const flakyCatalog = () => {
  let failures = 1;
  const pool = intercepted(store.pool, (text, run) => {
    if (text.includes("INSERT INTO projections.builds") && failures-- > 0) return Promise.reject(new Error("away"));
    return run();
  });
  return createCatalog(pool, oneMore);
};

test("a build with an event that was skipped after it was folded fails, and another is added; the live one stays", async () => {
  const { old, next, log } = await pairAtTheEnd();
  log.write(skipOf(40n, 20n, next.readModel.name));
  expect(await attempt(log, next)).toBe("replaced");
  expect(await stateOf(next)).toBe("failed");
  expect(await statesOf(next)).toEqual([
    [old.number, "live"],
    [next.number + 1, "building"],
  ]);
});

test("a build fails and is replaced in one step: what fails between leaves it as it was, and the next attempt ends and adds", async () => {
  const { old, next, log } = await pairAtTheEnd();
  log.write(skipOf(40n, 20n, next.readModel.name));
  const catalog = flakyCatalog();
  await expect(attempt(log, next, { catalog })).rejects.toThrow("away");
  expect(await stateOf(next)).toBe("building");
  expect(await attempt(log, next, { catalog })).toBe("replaced");
  expect(await statesOf(next)).toEqual([
    [old.number, "live"],
    [next.number + 1, "building"],
  ]);
});

test("a build is replaced also when the process that wrote a piece of the fill died before it looked for skips again", async () => {
  const next = await add();
  const log = three();
  const dying: ReadModelStore = {
    ...store.store,
    fill: async (build, what) => {
      await store.store.fill(build, what);
      log.write(skipOf(40n, 20n, build.readModel.name));
      throw new Error("the process died");
    },
  };
  const filling = {
    store: store.store,
    catalog: store.catalog,
    eventStore: log.eventStore,
    codec,
    logger,
    timing: quick,
  };
  await expect(fillBuild({ ...filling, store: dying }, next, never)).rejects.toThrow("died");
  expect(await fillBuild(filling, next, never)).toBe("filled");
  expect(await attempt(log, next)).toBe("replaced");
  const [again] = await store.catalog.buildsOf(next.readModel);
  if (again === undefined) throw new Error("no other build was added");
  expect(await fillBuild(filling, again.build, never)).toBe("filled");
  expect(await attempt(log, again.build)).toBe("live");
  expect(await store.tally(again.build)).toEqual({ a: 1, c: 1 });
});

test("a build takes over with a skipped event that it left out, parks, or has not come to", async () => {
  const { old, next, log } = await pairAtTheEnd();
  await store.store.inPartition(next, 0, (session) => session.leaveOut([idAt(10n)]));
  for (const build of [old, next]) await park(build, 20n, "b", 1);
  const { name } = next.readModel;
  for (const skip of [skipOf(40n, 10n, name), skipOf(50n, 20n, name), skipOf(60n, 99n, name)]) log.write(skip);
  await setCheckpoints(next, 60n, 60n, 60n);
  expect(await attempt(log, next)).toBe("live");
});

test.each([
  ["erased and scavenged", []],
  ["of a category that the read model has dropped", [recorded(20n, "reading-b", added(20n, "b"))]],
])("a build takes over with a skipped event that its fill has never read: %s", async (_, gone) => {
  const next = await add();
  const skip = skipOf(40n, 20n, next.readModel.name);
  const log = finishedLog([added(10n, "a"), ...gone, added(30n, "c"), skip, added(50n, "d")]);
  const filling = { ...store, eventStore: log.eventStore, codec, logger, timing: quick };
  expect(await fillBuild(filling, next, never)).toBe("filled");
  expect(await store.store.leftOut(next)).toEqual(new Set([idAt(20n)]));
  expect(await attempt(log, next)).toBe("live");
  expect(await store.tally(next)).toEqual({ a: 1, c: 1, d: 1 });
});

test("a build does not take over when the skip comes while the old one is locked, and is rebuilt when it comes with the swap", async () => {
  const locked = await pairAtTheEnd();
  const skipping = (log: typeof locked.log, after: boolean): ReadModelStore => ({
    ...store.store,
    takeOver: async (next, old, mayTakeOver) => {
      const taken = await store.store.takeOver(next, old, async (highest) => {
        if (!after) log.write(skipOf(40n, 20n, next.readModel.name));
        return mayTakeOver(highest);
      });
      if (after) log.write(skipOf(40n, 20n, next.readModel.name));
      return taken;
    },
  });
  expect(await attempt(locked.log, locked.next, { store: skipping(locked.log, false) })).toBe("waiting");
  expect(await stateOf(locked.old)).toBe("live");
  const swapped = await pairAtTheEnd();
  expect(await attempt(swapped.log, swapped.next, { store: skipping(swapped.log, true) })).toBe("live");
  expect(await statesOf(swapped.next)).toEqual([
    [swapped.next.number, "live"],
    [swapped.next.number + 1, "building"],
  ]);

  const failing = await pairAtTheEnd();
  const flaky = { store: skipping(failing.log, true), catalog: flakyCatalog() };
  await takeOverWhenReady(failing.log, failing.next, flaky);
  expect(await statesOf(failing.next)).toEqual([
    [failing.next.number, "live"],
    [failing.next.number + 1, "building"],
  ]);
});
