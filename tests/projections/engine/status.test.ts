import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import { InvalidPosition } from "../../../src/event-store/errors.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { shownStatus, status as statusSchema } from "../../../src/http/projections/shown.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { maxEventsCounted } from "../../../src/projections/engine/progress/lag.ts";
import { createProjectionsStatus } from "../../../src/projections/engine/progress/status.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { openPartitionQueues } from "../../../src/projections/engine/transport/partitionQueues.ts";
import { runWith } from "../../cli/fixtures.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { redisUrl } from "../../support/redis.ts";
import { added, batchOf, logger, quick, readersByPartition, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { indexedTallyOf } from "../stores/indexStore.ts";

const partitions = 2;
const [a = "", b = ""] = readersByPartition(partitions);

let store: Store;
let server: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let redis: Redis;
beforeAll(async () => {
  [store, server] = await Promise.all([freshStore(), freshEventStore()]);
  eventStore = connectEventStore({ url: server.url, logger });
  redis = connectRedis({ url: await redisUrl(), blocking: false, logger });
});
afterAll(async () => {
  redis?.disconnect();
  await eventStore?.close();
  await server?.stop();
  await store?.close();
});

let models = 0;
const newModel = () => tallyOf(`watched${++models}`);

async function statusOf(readModel: ReturnType<typeof tallyOf>, others: Partial<Parameters<typeof create>[1]> = {}) {
  const status = create(readModel, others);
  try {
    const [found] = await status.read();
    return found!;
  } finally {
    await status.close();
  }
}
const create = (
  readModel: ReturnType<typeof tallyOf>,
  others: {
    eventStore?: Pick<EventStore, "readAll" | "readLogEnd">;
    redis?: Redis;
    patienceMs?: number;
    logLagMs?: number;
  },
) => {
  const { catalog } = store;
  const tracker = createProgressTracker({ readModels: [readModel], catalog, store: store.store, logger });
  return createProjectionsStatus({ readModels: [readModel], tracker, catalog, eventStore, redis, logger, ...others });
};

/** Appends events of type `BookAddedToShelf` to the stream of a reader; returns the position of the last. */
async function shelve(reader: string, count = 1) {
  const stream = `shelf-${reader}`;
  let revision: bigint | "no_stream" = "no_stream";
  for await (const event of eventStore.readStream(stream)) revision = event.revision;
  const events = Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: "BookAddedToShelf",
    data: { bookId: "hongloumeng0" },
    metadata: added(0n, reader).metadata,
  }));
  return (await eventStore.append(stream, revision, events)).position;
}

const setCheckpoint = (build: Build, partition: number, position: bigint) =>
  store.pool.query(`UPDATE ${build.name}.checkpoints SET position = $2, event_id = 'e' WHERE partition = $1`, [
    partition,
    position,
  ]);

test("a read model that nobody has built has no build and no partitions", async () => {
  const readModel = newModel();
  expect(await statusOf(readModel)).toEqual({
    readModel: readModel.name,
    version: 1,
    build: null,
    state: null,
    fill: null,
    head: null,
    partitions: [],
  });
});

test("a build that failed is shown with its reason until there is a newer one, also beside a live one", async () => {
  const readModel = newModel();
  const statuses = async () => {
    const status = create(readModel, {});
    try {
      const own = (await status.read()).filter((found) => found.readModel === readModel.name);
      return own.map(({ build, state, reason }) => ({ build, state, reason }));
    } finally {
      await status.close();
    }
  };
  const fails = async () => {
    const { name } = await store.add(readModel, 1);
    await store.catalog.end({ name, partitions: 1 }, "failed", "a bug");
    return { build: name, state: "failed", reason: "a bug" };
  };
  const first = await fails();
  expect(await statuses()).toEqual([first]);
  const { name } = await store.build(readModel, 1);
  expect(await statuses()).toEqual([{ build: name, state: "live" }]);
  const second = await fails();
  expect(await statuses()).toEqual([{ build: name, state: "live" }, second]);
});

test("each partition counts the events of its own that it has not applied, and since when they wait", async () => {
  const readModel = newModel();
  const build = await store.build(readModel, partitions);
  const first = await shelve(a, 2);
  const second = await shelve(b);
  await setCheckpoint(build, 0, first);
  await setCheckpoint(build, 1, first);
  const lag = await statusOf(readModel);
  expect(lag).toMatchObject({ build: build.name, head: second });
  expect(lag.partitions).toMatchObject([
    { partition: 0, checkpoint: first, lag: { events: 0, seconds: 0, more: false }, stopped: null },
    { partition: 1, checkpoint: first, lag: { events: 1, more: false }, waiting: 0, active: 0 },
  ]);
  expect(lag.partitions[1]?.lag?.seconds).toBeGreaterThan(0);
  await setCheckpoint(build, 1, second);
  expect((await statusOf(readModel)).partitions.map((partition) => partition.lag?.events)).toEqual([0, 0]);
});

/** Appends an event of another category than the read model's. */
function writeToOthers() {
  const event = { id: randomUUID(), type: "BookRestored", data: {}, metadata: added(0n, a).metadata };
  return eventStore.append(`book-${randomUUID().slice(-12)}`, "no_stream", [event]);
}

test("events of other categories are no lag", async () => {
  const readModel = newModel();
  const build = await store.build(readModel, partitions);
  const last = await shelve(a);
  for (const partition of [0, 1]) await setCheckpoint(build, partition, last);
  await writeToOthers();
  const status = await statusOf(readModel);
  expect(status.head).toBe(last);
  expect(status.partitions.map((partition) => partition.lag?.events)).toEqual([0, 0]);
});

test("a build of which nothing is written for long is not counted again in what was read through", async () => {
  const readModel = newModel();
  const build = await store.build(readModel, partitions);
  const last = await shelve(a);
  for (const partition of [0, 1]) await setCheckpoint(build, partition, last);
  const { position: other } = await writeToOthers();
  const from: (bigint | undefined)[] = [];
  const readAll: EventStore["readAll"] = (range) => {
    from.push(range?.fromPosition);
    return eventStore.readAll(range);
  };
  const status = create(readModel, { eventStore: { readAll, readLogEnd: eventStore.readLogEnd }, logLagMs: 0 });
  const lags = async () => (await status.read())[0]?.partitions.map(({ lag }) => lag?.events);
  try {
    expect([await lags(), await lags(), await lags()]).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    // The second count has read up to the end of the log that the first one found.
    expect(from).toEqual([last, last, other]);
    const next = await shelve(b);
    expect(await lags()).toEqual([0, 1]);
    expect(await lags()).toEqual([0, 1]);
    await setCheckpoint(build, 1, next);
    expect(await lags()).toEqual([0, 0]);
    await setCheckpoint(build, 0, next);
    expect(await lags()).toEqual([0, 0]);
    expect(from.slice(3)).toEqual([other, other, other, next]);
    // The checkpoints are before the events read: they moved with an event of another build.
    const { position: another } = await writeToOthers();
    expect(await lags()).toEqual([0, 0]);
    expect(await lags()).toEqual([0, 0]);
    for (const partition of [0, 1]) await setCheckpoint(build, partition, next + 1n);
    expect(await lags()).toEqual([0, 0]);
    expect(from.slice(7)).toEqual([next, next, another]);
  } finally {
    await status.close();
  }
});

test("where a scavenge removed the event up to which was counted, the count begins at the checkpoint again", async () => {
  const readModel = newModel();
  const build = await store.build(readModel, 1);
  const last = await shelve(a);
  await setCheckpoint(build, 0, last);
  const { position: other } = await writeToOthers();
  let isGone = false;
  async function* readAll(range: Parameters<EventStore["readAll"]>[0]) {
    if (isGone && range?.fromPosition === other) throw new InvalidPosition(`no event at ${other}`);
    yield* eventStore.readAll(range);
  }
  const status = create(readModel, { eventStore: { readAll, readLogEnd: eventStore.readLogEnd }, logLagMs: 0 });
  const lag = async () => (await status.read())[0]?.partitions[0]?.lag?.events;
  try {
    expect([await lag(), await lag()]).toEqual([0, 0]);
    isGone = true;
    await shelve(b);
    expect([await lag(), await lag()]).toEqual([1, 1]);
  } finally {
    await status.close();
  }
});

test("a long backlog is counted up to a bound", async () => {
  const readModel = newModel();
  await store.build(readModel, 1);
  for (let left = maxEventsCounted + 1; left > 0; left -= 1_000) await shelve(a, Math.min(left, 1_000));
  const status = await statusOf(readModel, { patienceMs: 20_000 });
  expect(status.head).toBeNull();
  expect(status.partitions[0]?.lag).toMatchObject({ events: maxEventsCounted, more: true });
});

test("batches that wait are counted in their partition, and a partition that does not advance says why", async () => {
  const readModel = newModel();
  const build = await store.build(readModel, partitions);
  const queues = openPartitionQueues(build, redis, logger, quick);
  const batches = [1n, 2n].map((position) => batchOf(build, 1, position - 1n, [added(position, b)]));
  await queues.send(batches, new AbortController().signal);
  await store.catalog.reportFailure(build, {
    partition: 1,
    kind: "event_unknown",
    at: { position: 1n, eventId: "e" },
    detail: "no",
  });
  const status = await statusOf(readModel);
  expect(status.partitions.map(({ waiting }) => waiting)).toEqual([0, 2]);
  expect(status.partitions.map(({ stopped }) => stopped?.kind)).toEqual([undefined, "event_unknown"]);
  await queues.close();
});

test("every build has a state: one that is filled says how far that is, one that is fed has partitions", async () => {
  const readModel = newModel();
  const live = await store.build(readModel, partitions);
  const next = await store.add(readModel, partitions);
  await store.catalog.reportProgress(next, { position: 3n, events: 2, head: 9n });
  await store.catalog.setPaused(next, true);
  const status = create(readModel, {});
  const [first, second] = await status.read();
  expect(first).toMatchObject({ build: live.name, state: "live", fill: null });
  const fill = { progress: { position: 3n, events: 2, head: 9n }, paused: true };
  expect(second).toMatchObject({ build: next.name, state: "building", fill, partitions: [] });
  await store.catalog.markFilled(next);
  const [, fed] = await status.read();
  expect(fed).toMatchObject({ build: next.name, state: "building", fill: null });
  expect(fed?.partitions.map(({ checkpoint }) => checkpoint)).toEqual([-1n, -1n]);
  await status.close();
});

test("a build that waits says until when, and why the one before was replaced", async () => {
  const readModel = newModel();
  const first = await store.add(readModel, partitions);
  const second = (await store.catalog.replace(first, "broken at first"))?.added;
  await store.catalog.replace(second as Build, "broken again");
  const status = create(readModel, {});
  const waits = { until: expect.any(Date), replacements: 2 };
  const own = (await status.read()).filter(({ otherRelease }) => otherRelease === undefined);
  expect(own).toMatchObject([{ state: "building", reason: "broken again", fill: { waits } }]);
  await status.close();
});

test("parked keys are counted in their partition, which goes on", async () => {
  const readModel = newModel();
  const build = await store.build(readModel, partitions);
  await store.store.inPartition(build, 1, async (session) => {
    await session.park([{ key: b, event: added(6n, b), error: "cannot count" }]);
    await session.advance({ position: 6n, eventId: "e" });
  });
  expect((await statusOf(readModel)).partitions).toMatchObject([
    { parkedKeys: 0, stopped: null },
    { parkedKeys: 1, stopped: null, checkpoint: 6n },
  ]);
});

test("a build whose store does not answer has a row with the reason, and is not left out", async () => {
  const readModel = indexedTallyOf(`watched${++models}`);
  const { name = "" } = (await store.catalog.add(readModel, partitions)) ?? {};
  await store.pool.query("UPDATE projections.builds SET state = 'live', filled = true WHERE read_model = $1", [
    readModel.name,
  ]);
  const hangs = { ...store.store, checkpoints: () => new Promise<never>(() => {}) };
  const { catalog } = store;
  const tracker = createProgressTracker({ readModels: [readModel], catalog, store: hangs, logger });
  const status = createProjectionsStatus({ readModels: [readModel], tracker, catalog, eventStore, redis, logger });
  const own = async () => (await status.read()).filter((found) => found.readModel === readModel.name);
  try {
    const found = await own();
    expect(found).toMatchObject([
      { build: name, state: "live", away: true, reason: "no answer in 500 ms", partitions: [] },
    ]);
    const printed = await runWith(["projections", "status"], { projectionsStatus: own });
    expect(printed.stdout.split("\n")[1]).toMatch(
      new RegExp(`^${readModel.name} +${name}( +\\?){7} +live, its store does not answer: no answer in 500 ms$`),
    );
    const json = await runWith(["projections", "status", "--json"], { projectionsStatus: own });
    expect(JSON.parse(json.stdout).readModels).toMatchObject([{ build: name, away: true }]);
    expect(statusSchema.parse(shownStatus(found[0]!))).toMatchObject({ build: name, away: true });
  } finally {
    await status.close();
    tracker.close();
  }
});

test("an event store or a Redis that says nothing leaves its part out and the rest standing", async () => {
  const readModel = newModel();
  const build = await store.build(readModel, partitions);
  await setCheckpoint(build, 0, 7n);
  const silent: Pick<EventStore, "readAll" | "readLogEnd"> = {
    readLogEnd: eventStore.readLogEnd,
    async *readAll({ signal } = {}) {
      await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
    },
  };
  const away = connectRedis({ url: "redis://127.0.0.1:1", blocking: false, logger });
  const status = create(readModel, { eventStore: silent, redis: away, patienceMs: 200 });
  const [found] = await status.read();
  expect(found?.head).toBeNull();
  expect(found?.partitions).toMatchObject([
    { checkpoint: 7n, lag: null, waiting: null, active: null },
    { checkpoint: -1n, lag: null, waiting: null, active: null },
  ]);
  away.disconnect();
});
