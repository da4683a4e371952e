import { afterAll, beforeAll, expect, test } from "vitest";
import type { Category } from "../../../src/domain/streams.ts";
import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";
import { findMismatch } from "../../../src/projections/engine/log/logCheck.ts";
import { LogBehind, readUpTo } from "../../../src/projections/engine/log/readUpTo.ts";
import { openKeylessEvents } from "../../../src/projections/engine/parked/keylessEvents.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import { createLagCounter } from "../../../src/projections/engine/progress/lag.ts";
import { heat } from "../../../src/projections/heat/heat.ts";
import { added, quick, recorded, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { a, b, c, fillWorld, nextName, partitions } from "./fillWorld.ts";
import { finishedLog } from "./finishedLog.ts";
import { parkingWorld } from "./parkingWorld.ts";
import { scriptedLog } from "./scripted.ts";
import { takeOverWorld, three } from "./takeOverWorld.ts";

// After a fail-over a new leader may briefly have less of the log than the old one had shown (rule 5a).
let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());
const { fill } = fillWorld(() => store);
const { pair, advance, setCheckpoints, attempt, stateOf } = takeOverWorld(() => store);

const never = new AbortController().signal;
const ofOthers = (position: bigint) => recorded(position, "book-hongloumeng0", { type: "BookRetired", data: {} });
const whole = [added(10n, a), added(20n, b), added(30n, c)];

async function collected(log: AsyncIterable<RecordedEvent>) {
  const positions: bigint[] = [];
  for await (const { position } of log) positions.push(position);
  return positions;
}
const shelf: readonly Category[] = ["shelf"];
const range = { categories: shelf, after: 10n, upTo: 30n, lagMs: quick.logLag };

test.each([
  ["an event there", [added(30n, c)]],
  ["an event of another category there", [ofOthers(30n)]],
  ["a later event of the store's own", [recorded(40n, "$scavenges", { type: "$scavengeCompleted", data: {} })]],
])("a read up to a position is whole when the log has %s", async (_, last) => {
  const log = finishedLog([added(10n, a), added(20n, b), ...last, added(50n, a)]);
  expect(await collected(readUpTo(log.eventStore, range))).toEqual(
    [20n, 30n].slice(0, last[0]?.stream === `shelf-${c}` ? 2 : 1),
  );
});

test("a read up to a position shows what the log gets while it is waited for, each event once", async () => {
  const { eventStore, events } = finishedLog([added(10n, a), ofOthers(15n), added(20n, b)]);
  let reads = 0;
  const readAll: EventStore["readAll"] = (asked) => {
    if (++reads === 3) events.push(added(25n, a), ofOthers(30n));
    return eventStore.readAll(asked);
  };
  expect(await collected(readUpTo({ readAll }, { ...range, lagMs: 60_000 }))).toEqual([20n, 25n]);
});

test("a read up to a position rejects where the log goes on ending before it", async () => {
  await expect(collected(readUpTo(finishedLog(whole.slice(0, 2)).eventStore, range))).rejects.toThrow(LogBehind);
});

test("a fill whose subscription ends before the end that another node has shown reads on to that", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const { subscribe } = finishedLog(whole.slice(0, 2)).eventStore;
  expect(await fill(build, { ...finishedLog(whole).eventStore, subscribe })).toBe("filled");
  expect(await store.positions(build)).toEqual([30n, 30n, 30n]);
  expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1, [c]: 1 });
});

test("a fill of a log that stays behind such an end leaves the checkpoints at the last event that came, and loses none", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const { eventStore } = finishedLog(whole);
  const behind = finishedLog(whole.slice(0, 2)).eventStore;
  const readAll: EventStore["readAll"] = (asked) =>
    (asked?.direction === "backwards" ? eventStore : behind).readAll(asked);
  expect(await fill(build, { ...behind, readAll })).toBe("filled");
  expect(await store.positions(build)).toEqual([20n, 20n, 20n]);
  expect(await fill(build, eventStore)).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1, [c]: 1 });
  expect(await findMismatch(eventStore, await store.store.checkpoints(build), 0)).toBeUndefined();
});

test("a build does not take over while the log ends before the old one's position, but when it has passed what comes then", async () => {
  const { old, next } = await pair();
  await setCheckpoints(old, 30n, 30n, 30n);
  await setCheckpoints(next, 20n, 20n, 20n);
  const log = scriptedLog(...three().events.slice(0, 2));
  // It reads the event of the old build's checkpoint again before it concludes that the log is another one.
  const readLogAt: EventStore["readLogAt"] = async (position) => {
    const found = await log.eventStore.readLogAt(position);
    if (log.events.length === 2) log.write(added(30n, "c"));
    return found;
  };
  const more = { eventStore: { ...log.eventStore, readLogAt }, timing: { ...quick, logLag: 60_000, takeOver: 100 } };
  expect(await attempt(log, next, more)).toBe("waiting");
  expect([await stateOf(old), await stateOf(next)]).toEqual(["live", "building"]);
  for (const partition of [0, 1, 2]) await advance(next, partition, 30n);
  expect(await attempt(log, next)).toBe("live");
});

test("a retry does not bring an erased reader back when the log ends before the erasure: it fails, and then goes on", async () => {
  const opens = (position: bigint, reader: string) =>
    recorded(position, `history-${reader}`, {
      type: "BookOpened",
      data: { bookId: "hongloumeng0", visit: 1, openedAt: "2026-01-01T00:00:00.000Z", forgotten: null },
    });
  const bad = new Set([11n]);
  const erasure = recorded(20n, "account-lin", { type: "ReaderErased", data: {} });
  const log = [opens(10n, "lin"), opens(11n, "wang"), opens(12n, "lin"), erasure, opens(25n, "li")];
  const here = parkingWorld(store, heat, log, bad);
  const build = await here.fed();
  bad.clear();
  const keyless = () => openKeylessEvents(here.eventStore, heat, { lagMs: quick.logLag });
  const retry = () => retryParked(here.dependencies, build, "hongloumeng0", keyless());
  const gone = here.log.splice(3);
  await expect(retry()).rejects.toThrow(LogBehind);
  here.log.push(...gone);
  await retry();
  expect((await store.rows(build, "heat_days")).map(({ reader_id }) => reader_id)).not.toContain("lin");
  expect(await here.verified(build)).toEqual([]);
});

test("an event that a count could not see, because the log ended before it for a moment, counts later", async () => {
  const build = { name: "n", readModel: tallyOf("n"), partitions: 1 };
  const { eventStore } = finishedLog([added(10n, a), added(20n, a)]);
  let reads = finishedLog([added(10n, a)]).eventStore;
  const lags = createLagCounter({ readLogEnd: eventStore.readLogEnd, readAll: (asked) => reads.readAll(asked) });
  const waiting = async () => (await lags.count(build, [10n], Date.now(), never)).partitions[0]?.events;
  expect(await waiting()).toBe(0);
  reads = eventStore;
  expect(await waiting()).toBe(1);
});
