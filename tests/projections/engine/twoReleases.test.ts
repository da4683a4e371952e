import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { idOf } from "../../../src/domain/streams.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { retireOlder } from "../../../src/projections/engine/builds/retire.ts";
import { defineReadModel, type ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually, until } from "../../support/waiting.ts";
import { logger, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { runDispatcher, runWorker, type Surroundings } from "./release.ts";
import { createShelfWriter } from "./shelfWriter.ts";

// A deployment as in docs/architecture.md: the same read model in two releases, each with its own processes.

/** The table of the older release: reader → number of books. */
const first: ReadModel = tallyOf("counts");
/** The newer one, with another table: one row per book. */
const second: ReadModel = defineReadModel({
  name: "counts",
  version: 2,
  partitionKey: "reader",
  categories: ["shelf"],
  tables: { counted_books: { columns: { reader_id: "text", book_id: "text" }, primaryKey: ["reader_id", "book_id"] } },
  on: {
    BookAddedToShelf: {
      keys: ({ stream, data }) => ({ counted_books: [{ reader_id: idOf(stream), book_id: data.bookId }] }),
      project: (_, { stream, data }) => ({ counted_books: [{ reader_id: idOf(stream), book_id: data.bookId }] }),
    },
  },
});
const older = [first];
const newer = [second];

const readers = ["ann", "bob", "cao", "dan"];
let store: Store;
let log: Awaited<ReturnType<typeof freshEventStore>>;
let eventStore: EventStore;
let redis: Redis;
let around: Surroundings;
let writer: ReturnType<typeof createShelfWriter>;
const stop = new AbortController();
/** The time-out of a poll on a busy machine. */
const patience = 40_000;
const running = new Set<{ close(): Promise<unknown> }>();
beforeAll(async () => {
  store = await freshStore();
  log = await freshEventStore();
  eventStore = connectEventStore({ url: log.url, logger });
  const url = await redisUrl();
  redis = connectRedis({ url, blocking: false, logger });
  around = { store: store.store, catalog: store.catalog, eventStore, redisUrl: url };
  writer = createShelfWriter(eventStore, readers);
  for (const reader of readers) await writer.add(reader, 100);
});
const closeAll = async () => {
  stop.abort();
  for (const part of running) await part.close();
  running.clear();
};
afterEach(closeAll);
afterAll(async () => {
  redis.disconnect();
  await eventStore.close();
  await log.stop();
  await store.close();
});

const started = <Running extends { close(): Promise<unknown> }>(part: Running): Running => {
  running.add(part);
  return part;
};
const stopped = async (part: { close(): Promise<unknown> }) => {
  running.delete(part);
  await part.close();
};

const countsBy = async (query: string) =>
  Object.fromEntries((await store.pool.query(query)).rows.map(({ reader_id, books }) => [reader_id, Number(books)]));
/** The query of both releases, each on the views of its own version. */
const olderAnswer = () => countsBy("SELECT reader_id, added AS books FROM counts_v1.tallies");
const newerAnswer = () => countsBy("SELECT reader_id, count(*) AS books FROM counts_v2.counted_books GROUP BY 1");
const truth = () => Object.fromEntries([...writer.shelves].map(([reader, books]) => [reader, books.length]));

/** Queries without a pause until `stop`; an answer lower than an earlier one, or higher than what was written, is a finding. */
async function ask(answer: () => Promise<Record<string, number>>, stop: AbortSignal) {
  const seen: Record<string, number> = {};
  const findings: string[] = [];
  let asked = 0;
  while (!stop.aborted) {
    for (const [reader, books] of Object.entries(await answer())) {
      // Includes events being appended: they may be visible before they are acknowledged.
      if (books < (seen[reader] ?? 0) || books > (truth()[reader] ?? 0) + 1) findings.push(`${reader}: ${books}`);
      seen[reader] = books;
    }
    asked++;
  }
  return { findings, asked };
}

const stateOf = async (name: string) => (await store.catalog.list()).find((build) => build.name === name)?.state;
const leases = async () =>
  (await store.pool.query("SELECT name FROM projections.leases WHERE name LIKE 'dispatch%' ORDER BY 1")).rows.map(
    ({ name }) => name,
  );

test("two releases of a read model run side by side, each right in its own views, until the older is retired", async () => {
  const olderDispatcher = started(await runDispatcher(around, older));
  const olderWorker = started(runWorker(around, older));
  await eventually(() => stateOf("counts_v1_b1"), "live", patience);
  await eventually(olderAnswer, truth(), patience);

  const writing = writer.goOn(stop.signal);
  const asking = [ask(olderAnswer, stop.signal)];
  await expect(retireOlder(store.catalog, second)).rejects.toThrow("version 2 of counts is not live yet");

  // The newer release's dispatcher and worker come; the older one's API still answers.
  const newerDispatcher = started(await runDispatcher(around, newer));
  started(runWorker(around, newer));
  await eventually(() => stateOf("counts_v2_b2"), "live", patience);
  expect(await stateOf("counts_v1_b1")).toBe("live");
  asking.push(ask(newerAnswer, stop.signal));
  const both = async (than: Record<string, number>) => {
    const answers = [await olderAnswer(), await newerAnswer()];
    return answers.every((answer) => readers.every((reader) => (answer[reader] ?? 0) > (than[reader] ?? 0)));
  };
  const before = truth();
  await until("both are fed", () => both(before));
  stop.abort();
  await writing;
  for (const { findings, asked } of await Promise.all(asking)) {
    expect(findings).toEqual([]);
    expect(asked).toBeGreaterThan(5);
  }
  await eventually(olderAnswer, truth(), patience);
  await eventually(newerAnswer, truth(), patience);

  // A dispatcher updates only the builds of its own release.
  await stopped(olderDispatcher);
  const then = await olderAnswer();
  const position = await writer.add("ann", 3);
  await eventually(newerAnswer, truth(), patience);
  await eventually(leases, ["dispatch counts_v2_b2"], patience);
  expect(await olderAnswer()).toEqual(then);
  await stopped(newerDispatcher);
  started(await runDispatcher(around, older));
  await eventually(olderAnswer, truth(), patience);
  await eventually(leases, ["dispatch counts_v1_b1"], patience);
  await writer.add("bob", 1);
  await eventually(olderAnswer, truth(), patience);
  expect((await newerAnswer()).bob).toBe((truth().bob ?? 0) - 1);
  started(await runDispatcher(around, newer));
  await eventually(newerAnswer, truth(), patience);

  // No build was added for any of this.
  expect((await store.catalog.list()).map(({ name }) => name)).toEqual(["counts_v1_b1", "counts_v2_b2"]);
  expect(position).toBeGreaterThan(0n);
  await stopped(olderWorker);

  // Retired: its tables, views and queues are removed, and the newer continues.
  await expect(retireOlder(store.catalog, second, 2)).rejects.toThrow("is not older");
  await expect(retireOlder(store.catalog, first)).resolves.toEqual([]);
  expect((await retireOlder(store.catalog, second)).map(({ name }) => name)).toEqual(["counts_v1_b1"]);
  const schemas = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'counts%' ORDER BY 1";
  const schemasLeft = async () => (await store.pool.query(schemas)).rows.map(({ nspname }) => nspname);
  await eventually(schemasLeft, ["counts_v2", "counts_v2_b2"], patience);
  await eventually(async () => (await redis.keys("heima:counts_v1_*")).length, 0, patience);
  expect((await redis.keys("heima:counts_v2_*")).length).toBeGreaterThan(0);
  await writer.add("cao", 2);
  await eventually(newerAnswer, truth(), patience);
  expect((await store.catalog.list()).map(({ name, state, dropped }) => [name, state, dropped])).toEqual([
    ["counts_v1_b1", "retired", true],
    ["counts_v2_b2", "live", false],
  ]);
}, 180_000);

test("an older version is not retired as long as this release's is not live", async () => {
  const [old, next] = [tallyOf("early"), { ...second, name: "early" }];
  await store.build(old);
  await store.add(next);
  await expect(retireOlder(store.catalog, next)).rejects.toThrow("version 2 of early is not live yet");
  expect(await stateOf("early_v1_b1")).toBe("live");
});
