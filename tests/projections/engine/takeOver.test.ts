import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { highestPosition, lowestPosition } from "../../../src/projections/engine/core/positions.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { eventually } from "../../support/waiting.ts";
import { added, quick, recorded } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { scriptedLog } from "./scripted.ts";
import { takeOverWorld, three } from "./takeOverWorld.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { add, pair, advance, setCheckpoints, park, attempt, takeOverWhenReady, stateOf } = takeOverWorld(() => store);

test("a build takes over when each partition has passed the last event at or before the old one's highest position, not before", async () => {
  const { old, next } = await pair();
  await setCheckpoints(old, 20n, 10n, 10n);
  await setCheckpoints(next, 20n, 20n, 10n);
  expect(await attempt(three(), next)).toBe("waiting");
  expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
  // The old build has not applied 30: no query has shown it.
  await advance(next, 2, 20n);
  expect(await attempt(three(), next)).toBe("live");
  expect([await stateOf(old), await stateOf(next)]).toEqual(["retired", "live"]);
  expect(await attempt(three(), next)).toBe("ended");
});

test("a build that is as far as the old one takes over at once: the log, which may be long, is not read", async () => {
  const { old, next } = await pair();
  await setCheckpoints(old, 20n, 30n, 10n);
  await setCheckpoints(next, 30n, 30n, 40n);
  const log = three();
  const readAll = vi.fn(log.eventStore.readAll);
  expect(await attempt(log, next, { eventStore: { ...log.eventStore, readAll } })).toBe("live");
  expect(readAll).not.toHaveBeenCalled();
});

test("a build takes over where the old one's position is no event of its own categories: the last of its own counts", async () => {
  const { old, next } = await pair();
  const log = scriptedLog(...three().events, recorded(900n, "book-hongloumeng0", { type: "BookRetired", data: {} }));
  await setCheckpoints(old, 900n, 20n, 20n);
  await setCheckpoints(next, 30n, 30n, 20n);
  expect(await attempt(log, next)).toBe("waiting");
  await advance(next, 2, 30n);
  expect(await attempt(log, next)).toBe("live");
});

test("a build takes over from one that was made from a longer log, once the log has gone on ending there for `logLag`", async () => {
  const { old, next } = await pair();
  await setCheckpoints(old, 900n, 20n, 20n);
  await setCheckpoints(next, 30n, 30n, 20n);
  expect(await attempt(three(), next)).toBe("waiting");
  await advance(next, 2, 30n);
  expect(await attempt(three(), next)).toBe("live");
});

test("a build without a predecessor takes over when it has passed the log's end; parked keys do not matter then", async () => {
  const next = await add();
  await setCheckpoints(next, 30n, 30n, 20n);
  await park(next, 10n, "a");
  expect(await attempt(three(), next)).toBe("waiting");
  expect(await stateOf(next)).toBe("building");
  await advance(next, 2, 30n);
  expect(await attempt(three(), next)).toBe("live");
  expect(await stateOf(next)).toBe("live");
});

test("a build without a predecessor and without events takes over at once", async () => {
  const next = await add();
  expect(await attempt(scriptedLog(), next)).toBe("live");
});

test("a build takes over from one that goes on advancing: that one is frozen and passed, though the new one always lags", async () => {
  const { old, next } = await pair();
  const log = scriptedLog();
  let applied = 0n;
  let ended = false;
  const oldAdvances = (async () => {
    while (!ended) {
      log.write(added(applied + 1n, "a"));
      await setCheckpoints(old, applied + 1n, applied + 1n, applied + 1n);
      applied++;
      await sleep(5);
    }
  })();
  const nextFollows = (async () => {
    while (!ended) {
      const seen = highestPosition(await store.store.checkpoints(old));
      await sleep(60);
      await setCheckpoints(next, seen, seen, seen);
    }
  })();
  const asked: { highest: bigint; old: bigint; next: bigint }[] = [];
  const watched: ReadModelStore = {
    ...store.store,
    takeOver: (one, other, mayTakeOver) =>
      store.store.takeOver(one, other, async (highest) => {
        const may = await mayTakeOver(highest);
        const [oldNow = -1n] = await store.positions(old);
        asked.push({ highest, old: oldNow, next: lowestPosition(await store.store.checkpoints(next)) });
        return may;
      }),
  };
  try {
    await eventually(() => applied > 20n, true);
    expect(await attempt(log, next, { store: watched, timing: { ...quick, takeOver: 2_000 } })).toBe("live");
  } finally {
    ended = true;
    await Promise.all([oldAdvances, nextFollows]);
  }
  const [{ highest, old: frozen, next: passed } = { highest: -1n, old: -2n, next: -3n }] = asked;
  expect(asked).toHaveLength(1);
  expect(frozen).toBe(highest);
  expect(passed).toBeGreaterThanOrEqual(highest);
});

test("a build does not take over when the old one, once frozen, cannot be passed in time: it goes on", async () => {
  const { old, next } = await pair();
  await setCheckpoints(old, 20n, 20n, 20n);
  await setCheckpoints(next, 20n, 20n, 20n);
  const late: ReadModelStore = {
    ...store.store,
    takeOver: async (...asked) => {
      // Applied between the first question and the lock.
      await advance(old, 0, 30n);
      return store.store.takeOver(...asked);
    },
  };
  expect(await attempt(three(), next, { store: late })).toBe("waiting");
  expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
  await advance(old, 1, 30n);
});

test("a build takes over as soon as it may, whatever fails meanwhile, and says so once; one that has ended never does", async () => {
  const { old, next } = await pair();
  await setCheckpoints(old, 20n, 20n, 20n);
  await setCheckpoints(next, 20n, 20n, 10n);
  const announced: string[] = [];
  let tries = 0;
  const flaky: ReadModelStore = {
    ...store.store,
    checkpoints: (build) => (++tries < 4 ? Promise.reject(new Error("away")) : store.store.checkpoints(build)),
  };
  const announce = async (readModel: string) => void announced.push(readModel);
  const taking = takeOverWhenReady(three(), next, { store: flaky, announce });
  await eventually(() => tries > 6, true);
  expect(announced).toEqual([]);
  await advance(next, 2, 20n);
  await taking;
  expect(announced).toEqual([next.readModel.name]);
  expect(await stateOf(next)).toBe("live");

  const ended = await add(next.readModel);
  await setCheckpoints(ended, 30n, 30n, 30n);
  await store.catalog.end(ended, "failed", "broken");
  expect(await attempt(three(), ended)).toBe("ended");
  const stop = new AbortController();
  const waiting = takeOverWhenReady(three(), ended, { announce }, stop.signal);
  await sleep(2 * quick.buildsEvery);
  stop.abort();
  await waiting;
  expect(announced).toHaveLength(1);
  expect(await stateOf(next)).toBe("live");
});
