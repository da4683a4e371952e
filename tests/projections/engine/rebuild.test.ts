import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { requestRebuild } from "../../../src/projections/engine/builds/requestRebuild.ts";
import type { Fill, ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually, until } from "../../support/waiting.ts";
import { logger, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { runDispatcher, runWorker, type Surroundings } from "./release.ts";
import { createShelfWriter } from "./shelfWriter.ts";

/** The time-out of a poll on a busy machine. */
const patience = 40_000;
const readers = Array.from({ length: 8 }, (_, index) => `reader${index}`);

let store: Store;
let log: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let redis: Redis;
let around: Surroundings;
let writer: ReturnType<typeof createShelfWriter>;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  log = await freshEventStore();
  eventStore = connectEventStore({ url: log.url, logger });
  writer = createShelfWriter(eventStore, readers);
  for (const reader of readers) for (let times = 0; times < 3; times++) await writer.add(reader, 100);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await eventStore.close();
  await log.stop();
});

/** A separate database and Redis for one test; all tests share the log. */
async function surroundings(): Promise<void> {
  store = await freshStore();
  closing.push(store.close);
  const url = await redisUrl();
  redis = connectRedis({ url, blocking: false, logger });
  closing.push(async () => redis.disconnect());
  around = { store: store.store, catalog: store.catalog, eventStore, redisUrl: url };
}

const started = <Running extends { close(): Promise<unknown> }>(running: Running): Running => {
  closing.push(running.close);
  return running;
};

const liveBuild = async () => (await store.catalog.buildsOf(shelf)).find(({ state }) => state === "live");

/** The data of queries: each reader's books, and the latest position in the log that they show. */
async function readViews() {
  const found = await store.pool.query<{ reader_id: string; books: string[]; latest: bigint }>(
    `SELECT reader_id, array_agg(book_id ORDER BY added_position, book_id) AS books, max(added_position) AS latest
     FROM shelf_v4.shelf_books GROUP BY reader_id`,
  );
  return new Map(found.rows.map((row) => [row.reader_id, row]));
}
const shelvesInViews = async () =>
  Object.fromEntries([...(await readViews())].map(([reader, { books }]) => [reader, [...books].sort()]));
const shelvesWritten = () =>
  Object.fromEntries([...writer.shelves].map(([reader, books]) => [reader, [...books].sort()]));

/** Reads the views without a pause until `stop`; a step back in time is a finding. */
async function watchTime(stop: AbortSignal) {
  const latest = new Map<string, bigint>();
  const findings: string[] = [];
  let reads = 0;
  while (!stop.aborted) {
    for (const [reader, row] of await readViews()) {
      const before = latest.get(reader) ?? -1n;
      if (row.latest < before) findings.push(`${reader}: ${before} and then ${row.latest}`);
      latest.set(reader, row.latest);
    }
    reads++;
  }
  return { findings, reads };
}

test("a build that replaced several is not filled until it is due, or a rebuild is requested", async () => {
  await surroundings();
  let build = await store.add(shelf);
  for (let times = 0; times < 3; times++) {
    const added = (await store.catalog.replace(build, "broken"))?.added;
    if (added === undefined) throw new Error("no build was added");
    build = added;
  }
  const [stillBuilding] = await store.catalog.buildsOf(shelf);
  started(await runDispatcher(around, [shelf]));
  const beside = tallyOf("beside");
  await store.add(beside);
  started(runWorker(around, [shelf, beside]));
  // Another build that was added later is filled.
  await eventually(async () => (await store.catalog.buildsOf(beside))[0]?.filled, true, patience);
  expect(await store.catalog.buildsOf(shelf)).toEqual([stillBuilding]);
  await requestRebuild(store.catalog, shelf, undefined);
  await eventually(async () => (await liveBuild())?.name, build.name, patience);
});

test("a live read model is rebuilt with another number of partitions while it is written, fed and read", async () => {
  await surroundings();
  /** Delays the writes of a fill until the test releases them. */
  let held: Promise<void> | undefined;
  const holding: ReadModelStore = {
    ...store.store,
    fill: async (build, fill: Fill) => {
      await held;
      return store.store.fill(build, fill);
    },
  };
  started(await runDispatcher(around, [shelf]));
  started(runWorker({ ...around, store: holding }, [shelf]));
  await eventually(async () => (await liveBuild())?.name, "shelf_v4_b1", patience);

  const stopWriting = new AbortController();
  const writing = writer.goOn(stopWriting.signal);
  const stopReading = new AbortController();
  closing.push(async () => {
    stopWriting.abort();
    stopReading.abort();
  });
  const reading = watchTime(stopReading.signal);

  let letGo = () => {};
  held = new Promise((resolve) => {
    letGo = resolve;
  });
  const requested = await requestRebuild(store.catalog, shelf, 5);
  expect(requested).toMatchObject({ did: "added", build: { name: "shelf_v4_b2", partitions: 5 } });
  expect(await requestRebuild(store.catalog, shelf, undefined)).toMatchObject({ did: "already_building" });
  await expect(requestRebuild(store.catalog, shelf, 4)).rejects.toThrow("with 5 partitions");

  // The live one is updated and read while the new one is held.
  const position = await eventStore.readLogEnd();
  await until("the old build shows what was written after the request", async () =>
    [...(await readViews()).values()].every(({ latest }) => latest > (position ?? 0n)),
  );
  expect(await liveBuild()).toMatchObject({ name: "shelf_v4_b1", partitions: 3 });
  letGo();

  await eventually(async () => (await liveBuild())?.name, "shelf_v4_b2", patience);
  const [shown] = (await store.pool.query("SELECT pg_get_viewdef('shelf_v4.shelf_books'::regclass) AS definition"))
    .rows;
  expect(shown.definition).toContain("shelf_v4_b2.shelf_books");
  const later = await eventStore.readLogEnd();
  await until("the new build is fed", async () =>
    [...(await readViews()).values()].every(({ latest }) => latest > (later ?? 0n)),
  );
  stopWriting.abort();
  await writing;
  await eventually(shelvesInViews, shelvesWritten(), patience);
  stopReading.abort();
  const { findings, reads } = await reading;
  expect(findings).toEqual([]);
  expect(reads).toBeGreaterThan(10);

  // The old one is removed, with its queues.
  const schemas = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shelf%' ORDER BY 1";
  const schemasLeft = async () => (await store.pool.query(schemas)).rows.map(({ nspname }) => nspname);
  await eventually(schemasLeft, ["shelf_v4", "shelf_v4_b2"], patience);
  const queuesOf = async (build: string) => (await redis.keys(`heima:${build}_*`)).length;
  await eventually(() => queuesOf("shelf_v4_b1"), 0, patience);
  expect(await queuesOf("shelf_v4_b2")).toBeGreaterThan(0);
  const records = async () =>
    (await store.catalog.list()).map(({ name, state, dropped, reason }) => [name, state, dropped, reason]);
  const ended = ["shelf_v4_b1", "retired", true, "shelf_v4_b2 took its place"];
  await eventually(records, [ended, ["shelf_v4_b2", "live", false, null]], patience);
}, 180_000);

test("kill -9 of the worker that fills, with a transaction open: another goes on from its last piece", async () => {
  await surroundings();
  const program = fileURLToPath(new URL("../programs/fillingWorker.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DATABASE_URL: store.url, EVENTSTORE_URL: log.url, REDIS_URL: around.redisUrl },
  });
  closing.push(async () => child.kill("SIGKILL"));
  started(await runDispatcher(around, [shelf]));
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  await until("two pieces are written", () => said.includes("two pieces are written"));
  const [build] = await store.catalog.buildsOf(shelf);
  const [piece = -1n] = await store.positions(build!.build);
  expect(piece).toBeGreaterThan(0n);

  // The other stands by while the first has the lease.
  const openings: (bigint | undefined)[] = [];
  const watched: EventStore = {
    ...eventStore,
    subscribe: (options) => {
      openings.push(options.after);
      return eventStore.subscribe(options);
    },
  };
  started(runWorker({ ...around, eventStore: watched }, [shelf]));
  child.kill("SIGKILL");
  await once(child, "exit");
  await eventually(async () => (await liveBuild())?.name, "shelf_v4_b1", patience);
  expect(openings[0]).toBe(piece);
  expect(openings).not.toContain(undefined);
  await eventually(shelvesInViews, shelvesWritten(), patience);
}, 180_000);
