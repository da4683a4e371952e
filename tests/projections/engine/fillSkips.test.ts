import { afterAll, beforeAll, expect, test } from "vitest";
import { SkippedWhileFilled } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import { added, codec, skipOf, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { a, b, fillWorld, nextName, partitions } from "./fillWorld.ts";
import { finishedLog } from "./finishedLog.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { fill, watched, parkedOf } = fillWorld(() => store);

test("a fill leaves out what operators skip in this read model, wherever the skip stands", async () => {
  const readModel = tallyOf(nextName());
  const build = await store.add(readModel, partitions);
  const log = finishedLog([
    added(10n, a),
    added(20n, a),
    added(30n, b),
    skipOf(40n, 10n, readModel.name),
    skipOf(50n, 30n, "other"),
  ]);
  expect(await fill(build, log.eventStore)).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1 });
});

test("a segment is folded again when one of its events was skipped meanwhile", async () => {
  const folded: bigint[] = [];
  const readModel = tallyOf(nextName(), ({ position }) => {
    // While the segment is folded.
    if (folded.push(position) === 2) log.events.push(skipOf(40n, 10n, readModel.name));
    return undefined;
  });
  const log = finishedLog([added(10n, a), added(20n, a), added(30n, b)]);
  const build = await store.add(readModel, partitions);
  expect(await fill(build, log.eventStore)).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1 });
  expect(folded).toEqual([10n, 20n, 30n, 20n, 30n]);
});

test("a fill fails when an event is skipped as it is being written: another build must leave it out", async () => {
  const readModel = tallyOf(nextName());
  const log = finishedLog([added(10n, a), added(20n, a)]);
  const through = watched(() => void log.events.push(skipOf(40n, 10n, readModel.name)));
  const build = await store.add(readModel, partitions);
  await expect(fill(build, log.eventStore, { through })).rejects.toThrow(SkippedWhileFilled);
});

test("a fill fails also when that write was stopped: a store without transactions may have written rows", async () => {
  const readModel = tallyOf(nextName());
  const log = finishedLog([added(10n, a), added(20n, a)]);
  const stop = new AbortController();
  const through = watched(() => {
    log.events.push(skipOf(40n, 10n, readModel.name));
    stop.abort(new Error("the process ends"));
    throw stop.signal.reason;
  });
  const build = await store.add(readModel, partitions);
  const filling = fill(build, log.eventStore, { through, stop: stop.signal });
  await expect(filling).rejects.toThrow(SkippedWhileFilled);
});

test("a segment is folded again when parked events were retried meanwhile: none of either is lost", async () => {
  const bad = new Set([20n]);
  const readModel = tallyOf(nextName(), ({ position }) => {
    if (bad.has(position)) throw new Error("a bug of the handler");
    return undefined;
  });
  const build = await store.add(readModel, partitions);
  expect(await fill(build, finishedLog([added(10n, a), added(20n, a)]).eventStore)).toBe("filled");
  bad.clear();
  const log = finishedLog([added(10n, a), added(20n, a), added(30n, a), added(40n, b)]);
  let retries = 0;
  const through = watched(async () => {
    if (++retries > 1) return;
    const dependencies = { store: store.store, codec, eventStore: log.eventStore, publish: async () => {} };
    expect(await retryParked(dependencies, build, a)).toMatchObject([{ folded: 1, left: 0 }]);
  });
  expect(await fill(build, log.eventStore, { through })).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 3, [b]: 1 });
  expect(await parkedOf(build)).toEqual([]);
});
