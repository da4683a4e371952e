import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { EventStore } from "../../../src/event-store/types.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { createReadModelReadiness } from "../../../src/projections/engine/progress/readiness.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { added, logger, point, readersByPartition, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

const partitions = 4;
const shelf = tallyOf("ready_shelf");
const library = tallyOf("ready_library");
const readers = readersByPartition(partitions);

let store: Store;
let builds: { shelf: Build; library: Build };
beforeAll(async () => {
  store = await freshStore();
  builds = { shelf: await store.build(shelf, partitions), library: await store.build(library, partitions) };
});
afterAll(() => store.close());
beforeEach(async () => {
  for (const build of [builds.shelf, builds.library]) {
    await store.catalog.join(build, "worker", 60_000);
    await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = -1, event_id = ''`);
  }
  await store.pool.query("TRUNCATE projections.failures");
});

/** A log of events that never grows, and the number of its reads. */
function logOf(...events: ReturnType<typeof added>[]) {
  const log = {
    asked: 0,
    away: false,
    eventStore: { readAll, readLogEnd: async () => 0n } as Pick<EventStore, "readAll" | "readLogEnd">,
  };
  async function* readAll({ fromPosition = -1n }: Parameters<EventStore["readAll"]>[0] = {}) {
    log.asked++;
    if (log.away) throw new Error("the event store is away");
    yield* events.filter(({ position }) => position >= fromPosition);
  }
  return log;
}

/** The readiness of a new API process. */
function newReadiness(readModels: readonly ReadModel[] = [shelf, library], eventStore = logOf().eventStore) {
  const { catalog } = store;
  const tracker = createProgressTracker({ readModels, catalog, store: store.store, logger });
  return createReadModelReadiness({ tracker, catalog, eventStore, readModels, logger });
}

const partitionsAt = (position: string) =>
  Array.from({ length: partitions }, (_, partition) => ({ partition, position }));

test("names the live build and the position of every partition", async () => {
  expect(await newReadiness()()).toEqual({
    ready: true,
    readModels: {
      [shelf.name]: { build: builds.shelf.name, state: "live", partitions: partitionsAt("-1") },
      [library.name]: { build: builds.library.name, state: "live", partitions: partitionsAt("-1") },
    },
  });
});

test("is not given while a read model has no build", async () => {
  expect(await newReadiness([shelf, tallyOf("neverbuilt")])()).toEqual({
    ready: false,
    readModels: {
      [shelf.name]: { build: builds.shelf.name, state: "live", partitions: partitionsAt("-1") },
      neverbuilt: { build: null, state: "missing", partitions: [] },
    },
  });
});

test("is not given when the only build failed, and says why it did", async () => {
  const readModel = tallyOf("failing");
  const build = await store.add(readModel, partitions);
  await store.catalog.end(build, "failed", "a bug");
  const ended = { build: build.name, state: "failed", reason: "a bug" };
  expect(await newReadiness([readModel])()).toEqual({
    ready: false,
    readModels: { failing: { build: null, state: "missing", ended, partitions: [] } },
  });
});

test("is not given while a build is filled, and says how far that is", async () => {
  const filling = tallyOf("filling");
  const build = await store.add(filling, partitions);
  await store.catalog.reportProgress(build, { position: 30n, events: 12, head: 120n });
  expect(await newReadiness([filling])()).toEqual({
    ready: false,
    readModels: {
      filling: { build: build.name, state: "building", filled: { events: 12, share: 0.25 }, partitions: [] },
    },
  });
  await store.catalog.markFilled(build);
  expect((await newReadiness([filling])()).readModels.filling).toEqual({
    build: build.name,
    state: "building",
    partitions: partitionsAt("-1"),
  });
});

test("is lost with a partition that does not advance, and says where and why; it comes back when the partition goes on", async () => {
  const at = point(5n);
  await store.catalog.reportFailure(builds.shelf, { partition: 2, kind: "event_unknown", at, detail: "cannot count" });
  const readiness = newReadiness();
  const { ready, readModels } = await readiness();
  expect(ready).toBe(false);
  const stopped = { kind: "event_unknown", position: "5", detail: "cannot count" };
  expect(readModels[shelf.name]?.partitions.filter((partition) => partition.stopped !== undefined)).toEqual([
    { partition: 2, position: "-1", stopped },
  ]);
  await store.pool.query(`UPDATE ${builds.shelf.name}.checkpoints SET position = 5 WHERE partition = 2`);
  expect((await readiness()).ready).toBe(true);
});

test("tells how many keys are parked, and is given nevertheless: the partition goes on", async () => {
  await store.store.inPartition(builds.shelf, 1, async (session) => {
    await session.park([{ key: readers[1] as string, event: added(6n, readers[1] as string), error: "cannot count" }]);
    await session.advance(point(6n));
  });
  const { ready, readModels } = await newReadiness()();
  expect(ready).toBe(true);
  expect(readModels[shelf.name]?.partitions[1]).toEqual({ partition: 1, position: "6", parkedKeys: 1 });
  await store.store.inPartition(builds.shelf, 1, (session) => session.unpark(readers[1] as string));
});

test("is lost when the workers of a build fall silent, and when it has had none for ten seconds, whether or not an event waits", async () => {
  const kinds = async (readiness: ReturnType<typeof newReadiness>) =>
    (await readiness()).readModels[library.name]?.partitions.flatMap(({ stopped }) => stopped?.kind ?? []);
  const silent = Array.from({ length: partitions }, () => "no_worker");
  const readiness = newReadiness();
  await store.catalog.join(builds.library, "worker", -9_000);
  expect(await kinds(readiness)).toEqual([]);
  await store.catalog.join(builds.library, "worker", -11_000);
  expect(await kinds(readiness)).toEqual(silent);
  expect((await readiness()).ready).toBe(false);
  await store.catalog.leave(builds.library, "worker");
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    expect(await kinds(readiness)).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(await kinds(readiness)).toEqual(silent);
    await store.catalog.join(builds.library, "worker", 60_000);
    expect(await kinds(readiness)).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

describe("a partition that does not move although nobody reported a failure", () => {
  // Fakes only clocks, not timers: Postgres needs its timers.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  const event = () => ({ ...added(5n, readers[3] as string), created: new Date() });

  test("is no_progress after ten seconds when the log holds an event for it", async () => {
    const log = logOf(event());
    const readiness = newReadiness([shelf], log.eventStore);
    expect((await readiness()).ready).toBe(true);
    vi.advanceTimersByTime(9_999);
    expect((await readiness()).ready).toBe(true);
    expect(log.asked).toBe(0);
    vi.advanceTimersByTime(1);
    const { ready, readModels } = await readiness();
    expect(ready).toBe(false);
    const stopped = { kind: "no_progress", position: "-1", detail: "1 events wait, the first for 10 s" };
    expect(readModels[shelf.name]?.partitions).toEqual([
      ...partitionsAt("-1").slice(0, 3),
      { partition: 3, position: "-1", stopped },
    ]);
    await store.pool.query(`UPDATE ${builds.shelf.name}.checkpoints SET position = 5 WHERE partition = 3`);
    expect((await readiness()).ready).toBe(true);
  });

  test("is idle, not stopped, when the log holds no event for it, however long", async () => {
    const log = logOf(event());
    await store.pool.query(`UPDATE ${builds.shelf.name}.checkpoints SET position = 5`);
    const readiness = newReadiness([shelf], log.eventStore);
    await readiness();
    vi.advanceTimersByTime(60_000);
    expect((await readiness()).ready).toBe(true);
    expect(log.asked).toBe(1);
  });

  test("has time for an event that came only now", async () => {
    const log = logOf({ ...event(), created: new Date(Date.now() + 55_000) });
    const readiness = newReadiness([shelf], log.eventStore);
    await readiness();
    vi.advanceTimersByTime(60_000);
    expect((await readiness()).ready).toBe(true);
    vi.advanceTimersByTime(5_000);
    expect((await readiness()).ready).toBe(false);
  });

  test("costs the log one question in five seconds, however often it is asked after", async () => {
    const log = logOf(event());
    const readiness = newReadiness([shelf], log.eventStore);
    await readiness();
    vi.advanceTimersByTime(20_000);
    for (let asked = 0; asked < 5; asked++) expect((await readiness()).ready).toBe(false);
    expect(log.asked).toBe(1);
    vi.advanceTimersByTime(5_000);
    await readiness();
    expect(log.asked).toBe(2);
  });

  test("is not blamed while the log cannot be asked, and what was reported still counts", async () => {
    const log = logOf(event());
    log.away = true;
    const readiness = newReadiness([shelf], log.eventStore);
    await readiness();
    vi.advanceTimersByTime(20_000);
    expect((await readiness()).ready).toBe(true);
    expect(log.asked).toBe(1);
    await store.catalog.reportFailure(builds.shelf, {
      partition: 0,
      kind: "log_mismatch",
      at: point(5n),
      detail: "another log",
    });
    expect((await readiness()).ready).toBe(false);
  });
});
