import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ParkedEventNotFound, ParkedEventNotRefused } from "../../../src/commands/errors.ts";
import { createHandleCommand } from "../../../src/commands/handleCommand.ts";
import { skipParkedEvent } from "../../../src/commands/operations/skipParkedEvent.ts";
import { ownContext } from "../../../src/commands/ownContext.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";
import { applyPatiently } from "../../../src/projections/engine/apply/applyPatiently.ts";
import { workerDiedError } from "../../../src/projections/engine/apply/workerDiedError.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { readSkips } from "../../../src/projections/engine/log/skips.ts";
import { createParkedEvents } from "../../../src/projections/engine/parked/parkedEvents.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import { retrySkippedKeys } from "../../../src/projections/engine/parked/retrySkipped.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { publish, type Signal } from "../../../src/projections/engine/transport/signals.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { eventually } from "../../support/waiting.ts";
import { added as addedBook, batchOf, codec, idAt, logger, point, quick, tallyOf } from "../fixtures.ts";
import { connectSignals, type Signals } from "../signals.ts";
import { freshStore, type Store } from "../store.ts";

const never = new AbortController().signal;

let store: Store;
let log: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let signals: Signals;
beforeAll(async () => {
  store = await freshStore();
  log = await freshEventStore();
  eventStore = connectEventStore({ url: log.url, logger });
  signals = await connectSignals();
});
afterAll(async () => {
  signals.close();
  await eventStore.close();
  await log.stop();
  await store.close();
});

/** Books have ids of 12 characters; the tests name them by their beginning. */
const added = (position: bigint, reader: string, book: string) => addedBook(position, reader, book.padEnd(12, "0"));

/** Books that every handler currently refuses, and the published ones. */
const bad = new Set<string>();
const published: Signal[] = [];
beforeEach(() => {
  bad.clear();
  published.length = 0;
});

let models = 0;
const newModel = () =>
  tallyOf(`retried${++models}_${process.pid}`, ({ data }) => {
    const bookId = (data as { bookId: string }).bookId.replace(/0+$/, "");
    if (bad.has(bookId)) throw new Error(`cannot count ${bookId}`);
    return bookId.startsWith("nul") ? "nul\u0000" : bookId;
  });
const publishing = async (signal: Signal) => void published.push(signal);
const dependencies = () => ({ store: store.store, codec, eventStore, publish: publishing });
const operations = (build: Build, mayDie = true) =>
  createParkedEvents({
    ...dependencies(),
    readModels: [build.readModel],
    catalog: store.catalog,
    logger,
    mayDie,
  });
const apply = (build: Build, after: bigint, events: readonly RecordedEvent[]) => {
  const skips = (readModel: string) => readSkips(eventStore, codec, readModel);
  const applying = { store: store.store, catalog: store.catalog, codec, logger, timing: quick, skips };
  return applyPatiently(applying, build, batchOf(build, 0, after, events), never);
};
const parkedOf = async (build: Build, key = "a") =>
  (await store.store.inPartition(build, 0, (session) => session.parked(key))).map(({ event, error }) => [
    event.position,
    error,
  ]);
const handleCommand = () => createHandleCommand({ eventStore, logger });
const skip = (build: Build, eventId: string, more: { retrySkipped?: () => Promise<unknown> } = {}) => {
  const { stateOf, retrySkipped } = operations(build);
  const what = { readModel: build.readModel.name, eventId, skippedBy: "a test", reason: "broken" };
  const deps = { handleCommand: handleCommand(), parkedEvent: stateOf, retrySkipped, ...more };
  return skipParkedEvent(deps, what, ownContext(what));
};
const events = (...books: string[]) => books.map((book, index) => added(BigInt(index + 1), "a", book));

/** A live build and one that is being built, in which the second of five events is parked with those behind it. */
async function parkedInTwo(...books: string[]) {
  const model = newModel();
  const live = await store.build(model);
  const building = await store.add(model);
  for (const build of [live, building]) await apply(build, -1n, events(...books));
  return { live, building };
}

/** The same with the parked event skipped by a process that died before the others were folded. */
async function skippedAndNotRetried() {
  const builds = await parkedInTwo("one", "two", "three");
  const dies = async () => {
    throw new Error("died");
  };
  await expect(skip(builds.live, idAt(2n), { retrySkipped: dies })).rejects.toThrow("died");
  for (const build of Object.values(builds)) expect(await parkedOf(build)).toHaveLength(2);
  return builds;
}

describe("a retry", () => {
  test("folds what is parked, in order, in every build, the live one last; the checkpoint stays", async () => {
    bad.add("two");
    const { live, building } = await parkedInTwo("one", "two", "three", "four", "five");
    for (const build of [live, building]) {
      expect(await store.tally(build)).toEqual({ a: 1 });
      expect(await parkedOf(build)).toHaveLength(4);
    }
    bad.clear();
    const retried = await operations(live).retry(live.readModel.name, "a");
    const done = { partition: 0, key: "a", folded: 4, skipped: 0, left: 0, error: null };
    expect(retried).toEqual([
      { build: building.name, ...done },
      { build: live.name, ...done },
    ]);
    for (const build of [live, building]) {
      expect(await store.rows(build, "tallies")).toEqual([{ reader_id: "a", added: 5, last_book: "five" }]);
      expect(await store.store.parked(build)).toEqual([]);
      expect(await store.store.checkpoints(build)).toMatchObject([{ position: 5n, eventId: idAt(5n), parkedKeys: 0 }]);
    }
    const changed = {
      kind: "changed",
      partition: 0,
      position: 5n,
      eventId: idAt(5n),
      keys: ["a"],
      parkedKeys: [],
    };
    expect(published).toEqual([
      { ...changed, build: building.name },
      { ...changed, build: live.name },
    ]);
    // The key is no longer special.
    await apply(live, 5n, [added(6n, "a", "two")]);
    expect(await store.tally(live)).toEqual({ a: 6 });
    expect(await operations(live).retry(live.readModel.name, "a")).toEqual([]);
  });

  test.each(["throws", "is refused by Postgres"])(
    "folds what stands before an event that still %s, and parks the rest with the new error",
    async (how) => {
      bad.add("two").add("three");
      const build = await store.build(newModel());
      const fourth = how === "throws" ? "four" : "nul";
      await apply(build, -1n, events("one", "two", "three", fourth));
      bad.clear();
      if (how === "throws") bad.add("four");
      const error = expect.stringMatching(
        how === "throws" ? /^BookAdded.* cannot count four$/ : /invalid byte sequence/,
      );
      expect(await retryParked(dependencies(), build, "a")).toEqual([
        { build: build.name, partition: 0, key: "a", folded: 2, skipped: 0, left: 1, error },
      ]);
      expect(await store.tally(build)).toEqual({ a: 3 });
      expect(await parkedOf(build)).toEqual([[4n, error]]);
      expect(published).toMatchObject([{ kind: "changed", keys: ["a"], parkedKeys: ["a"] }]);
      await apply(build, 4n, [added(5n, "a", "five")]);
      expect(await parkedOf(build)).toEqual([
        [4n, error],
        [5n, null],
      ]);
    },
  );

  test("locks the checkpoint first: an event of the key that comes meanwhile is folded after it, not parked behind", async () => {
    bad.add("one");
    const build = await store.build(newModel());
    await apply(build, -1n, events("one", "two"));
    bad.clear();
    let coming: Promise<unknown> | undefined;
    const waiting =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    const inPartition: ReadModelStore["inPartition"] = (of, partition, work) =>
      store.store.inPartition(of, partition, (session) =>
        work({
          ...session,
          unpark: async (key) => {
            coming = apply(build, 2n, [added(3n, "a", "three")]);
            await eventually(async () => (await store.pool.query(waiting)).rows[0].count > 0n, true);
            await session.unpark(key);
          },
        }),
      );
    await retryParked({ ...dependencies(), store: { ...store.store, inPartition } }, build, "a");
    await coming;
    expect(await store.rows(build, "tallies")).toEqual([{ reader_id: "a", added: 3, last_book: "three" }]);
    expect(await parkedOf(build)).toEqual([]);
  });

  test("changes nothing when it breaks off, and can be repeated", async () => {
    bad.add("one");
    const build = await store.build(newModel());
    await apply(build, -1n, events("one", "two"));
    bad.clear();
    const mend = await store.breakTable(build, "tallies");
    await expect(retryParked(dependencies(), build, "a")).rejects.toThrow("this table is broken");
    expect(await parkedOf(build)).toHaveLength(2);
    await mend();
    await retryParked(dependencies(), build, "a");
    expect(await store.tally(build)).toEqual({ a: 2 });
  });

  test("is not tried in a process that must not die, of an event that workers died of", async () => {
    const build = await store.build(newModel());
    await store.store.inPartition(build, 0, async (session) => {
      await session.park([{ key: "a", event: added(1n, "a", "one"), error: workerDiedError }]);
      await session.advance({ position: 1n, eventId: idAt(1n) });
    });
    const { name } = build.readModel;
    expect(await operations(build, false).retry(name, "a")).toMatchObject([{ folded: 0, left: 1 }]);
    expect(await operations(build, false).stateOf(name, idAt(1n))).toEqual({ state: "refused", position: 1n });
    expect(await operations(build, true).retry(name, "a")).toMatchObject([{ folded: 1, left: 0 }]);
  });
});

describe("a skip", () => {
  test("is one event in the log, and the others of the key are folded in every build", async () => {
    bad.add("two");
    const { live, building } = await parkedInTwo("one", "two", "three");
    const { name } = live.readModel;
    expect((await skip(live, idAt(2n))).events).toEqual(["ParkedEventSkipped"]);
    for (const build of [live, building]) {
      expect(await store.rows(build, "tallies")).toEqual([{ reader_id: "a", added: 2, last_book: "three" }]);
      expect(await parkedOf(build)).toEqual([]);
    }
    expect(await readSkips(eventStore, codec, name)).toEqual(new Set([idAt(2n)]));
    expect((await skip(live, idAt(2n))).events).toEqual([]);
  });

  test("is refused of an event that is taken now, waits behind another, or is not parked at all", async () => {
    bad.add("one");
    const build = await store.build(newModel());
    await apply(build, -1n, events("one", "two"));
    await expect(skip(build, idAt(2n))).rejects.toThrow(ParkedEventNotFound);
    await expect(skip(build, idAt(9n))).rejects.toThrow(ParkedEventNotFound);
    bad.clear();
    await expect(skip(build, idAt(1n))).rejects.toThrow(ParkedEventNotRefused);
    expect(await readSkips(eventStore, codec, build.readModel.name)).toEqual(new Set());
    expect(await parkedOf(build)).toHaveLength(2);
    expect(await store.tally(build)).toEqual({});
  });

  test("whose process dies before the others are folded is finished by a retry", async () => {
    bad.add("two");
    const { live, building } = await skippedAndNotRetried();
    const retried = await operations(live).retry(live.readModel.name, "a");
    expect(retried).toMatchObject(
      [building, live].map(({ name: build }) => ({ build, folded: 1, skipped: 1, left: 0 })),
    );
    for (const build of [live, building]) expect(await store.tally(build)).toEqual({ a: 2 });
  });

  test("of an event whose batch still waits leaves it out there instead of parking it", async () => {
    bad.add("two");
    const { live, building } = await parkedInTwo("one", "two");
    await skip(live, idAt(2n));
    const late = await store.add(live.readModel);
    expect((await apply(late, -1n, events("one", "two", "three"))).outcome).toBe("applied");
    expect(await store.tally(late)).toEqual({ a: 2 });
    for (const build of [live, building, late]) expect(await store.store.parked(build)).toEqual([]);
    expect(await store.positions(late)).toEqual([3n]);
  });
});

test("a skip that was recorded and not followed by a retry is finished by itself, in the live build too", async () => {
  bad.add("two");
  const { live, building } = await skippedAndNotRetried();
  const stop = new AbortController();
  const retrying = [live, building].map((build) =>
    retrySkippedKeys({ ...dependencies(), logger }, build, 50, stop.signal),
  );
  for (const build of [live, building]) {
    await eventually(() => store.store.parkedKeys(build), []);
    expect(await store.tally(build)).toEqual({ a: 2 });
    expect(await store.store.leftOut(build)).toEqual(new Set([idAt(2n)]));
  }
  stop.abort();
  await Promise.all(retrying);
  expect(published.map(({ kind }) => kind)).toEqual(["changed", "changed"]);
});

test("a key whose first parked event is skipped is retried by itself, as a build may park it after the skip", async () => {
  bad.add("two");
  const { live } = await parkedInTwo("one", "two", "three");
  await skip(live, idAt(2n));
  const late = await store.add(live.readModel);
  await store.store.inPartition(late, 0, async (session) => {
    await session.park([
      { key: "a", event: added(2n, "a", "two"), error: "cannot count" },
      { key: "a", event: added(3n, "a", "three"), error: null },
    ]);
    await session.advance(point(3n));
  });
  const stop = new AbortController();
  const retrying = retrySkippedKeys({ ...dependencies(), logger }, late, 50, stop.signal);
  await eventually(() => store.store.parkedKeys(late), []);
  stop.abort();
  await retrying;
  expect(await store.tally(late)).toEqual({ a: 1 });
});

describe("the progress tracker", () => {
  test.each(["the signal", "the next poll, when the signal is lost"])("notices a retry by %s", async (by) => {
    bad.add("two");
    const build = await store.build(newModel());
    await apply(build, -1n, events("one", "two"));
    const subscriber = by === "the signal" ? signals.subscriber : undefined;
    const { name } = build.readModel;
    const watched = { readModels: [build.readModel], catalog: store.catalog, store: store.store, logger };
    const tracker = createProgressTracker({ ...watched, ...(subscriber && { subscriber }) });
    await tracker.refresh();
    const before = tracker.now() ?? -1;
    const source = { readModel: name, key: "a" };
    const parked = () => tracker.of(name)?.live?.partitionProgress[0]?.parkedKeys;
    expect([parked(), tracker.unchangedSince(before, [source])]).toEqual([new Set(["a"]), true]);
    bad.clear();
    const telling = async (signal: Signal) => (subscriber ? publish(signals.redis, signal) : undefined);
    await retryParked({ ...dependencies(), publish: telling }, build, "a");
    if (subscriber === undefined) await tracker.refresh();
    await eventually(() => [parked(), tracker.unchangedSince(before, [source])], [new Set<string>(), false], 900);
    tracker.close();
  });
});
