import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import { runner } from "node-pg-migrate";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { RecordedEvent } from "../../src/event-store/types.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import { collected as collectedNow } from "../../src/projections/collected/collected.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import { ensureBuilds } from "../../src/projections/engine/builds/ensureBuilds.ts";
import { defaultFillLimits, fillBuild } from "../../src/projections/engine/builds/fill/fillBuild.ts";
import { batchFromJson } from "../../src/projections/engine/core/batch.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../src/projections/engine/core/declaration.ts";
import { partitionOf } from "../../src/projections/engine/core/partition.ts";
import { startDispatcher } from "../../src/projections/engine/dispatch/startDispatcher.ts";
import { findMismatch } from "../../src/projections/engine/log/logCheck.ts";
import { openFailures } from "../../src/projections/engine/ports/buildCatalog.ts";
import { library as libraryNow } from "../../src/projections/library/library.ts";
import { readModels } from "../../src/projections/registry.ts";
import { shelf as shelfNow } from "../../src/projections/shelf/shelf.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { createDatabase, dropDatabase } from "../support/database.ts";
import { eventually } from "../support/waiting.ts";
import { finishedLog } from "./engine/finishedLog.ts";
import { codec, keyed, logger, quick } from "./fixtures.ts";
import { connectSignals } from "./signals.ts";

// tests/fixtures/release-0.1.0 is what that release's own code made: migrations 001 to 006, then its engine on events.json.

const fixture = (name: string) =>
  readFile(fileURLToPath(new URL(`../fixtures/release-0.1.0/${name}`, import.meta.url)), "utf8");

const name = `heima_inplace_${randomUUID().slice(0, 8)}`;
const partitions = 3;
let pool: Pool;
let events: readonly RecordedEvent[];
let ran: string[];
beforeAll(async () => {
  const url = await createDatabase(inject("postgresUrl"), name);
  await runner({
    databaseUrl: url,
    dir: fileURLToPath(new URL("../../migrations", import.meta.url)),
    direction: "up",
    migrationsTable: "migrations",
    count: 6,
    log: () => {},
  });
  pool = createPool({ url, max: 4, service: "test", logger });
  await pool.query(await fixture("projections.sql"));
  const none = { build: "", epoch: "", partition: 0, after: "0", upTo: { position: "0", eventId: "" } };
  events = batchFromJson({ ...none, events: JSON.parse(await fixture("events.json")) }).events;
  ran = await migrate(url, logger);
});
afterAll(async () => {
  await pool.end();
  await dropDatabase(inject("postgresUrl"), name);
});

/** The shelf as that release declared it: its order was numbers, so its build serves on until the next version's is filled. */
const shelfOf010: ReadModel = {
  ...shelfNow,
  version: 2,
  tables: {
    shelf_books: {
      ...shelfNow.tables.shelf_books,
      columns: { ...shelfNow.tables.shelf_books.columns, order_rank: "int4" },
      indexes: ["(reader_id, pinned, added_position)", "(reader_id, pinned, order_position, order_rank)"],
    },
    shelf_groups: {
      columns: { reader_id: "text", group_id: "text", name: "text", order_position: "int8", order_index: "int4" },
      primaryKey: ["reader_id", "group_id"],
    },
  },
};
const { gone_chapters, ...libraryTables } = libraryNow.tables;
const { grown_at, ...bookColumns } = libraryTables.books.columns;
/** The library as that release declared it: it did not know which chapters went, nor when a book grew. */
const libraryOf010 = {
  ...libraryNow,
  version: 2,
  tables: { ...libraryTables, books: { ...libraryTables.books, columns: bookColumns } },
} as unknown as ReadModel;
/** It counted, and did not know whose shelves they are. */
const collectedOf010: ReadModel = {
  ...collectedNow,
  version: 1,
  tables: { collected_books: collectedNow.tables.collected_books },
};
const modelsOf010: readonly ReadModel[] = [shelfOf010, libraryOf010, collectedOf010];
const ofThisRelease = readModels.filter(({ name }) => modelsOf010.some((one) => one.name === name));

const liveBuilds = async () => {
  const catalog = createCatalog(pool);
  return (await Promise.all(modelsOf010.map((readModel) => catalog.buildsOf(readModel)))).flat();
};
const rowsOf = async (schema: string, table: string) =>
  (await pool.query(`SELECT * FROM ${schema}.${table} t ORDER BY t`)).rows as Record<string, unknown>[];

test("the migration makes its builds live, and a new build is added where a version was raised since", async () => {
  expect(ran[0]).toBe("007_projections");
  const expected = ["shelf_v2_b1", "library_v2_b1", "collected_v1_b1"].map((build) => [build, "live", true, 3]);
  const found = async () =>
    (await liveBuilds()).map((build) => [build.name, build.state, build.filled, build.partitions]);
  expect(await found()).toEqual(expected);
  await ensureBuilds(createCatalog(pool), ofThisRelease, 8, logger);
  expect(await found()).toEqual(expected);
  const added = (await createCatalog(pool).list()).filter(({ state }) => state === "building");
  expect(added.map(({ readModel, version }) => [readModel, version])).toEqual(
    ofThisRelease.map(({ name, version }) => [name, version]),
  );
});

test("the checkpoints are those that it left, and of this log", async () => {
  const store = createPostgresStore(pool);
  for (const { build } of await liveBuilds()) {
    const last = events.findLast(({ stream }) =>
      build.readModel.categories.some((one) => stream.startsWith(`${one}-`)),
    );
    const checkpoint = { position: last?.position, eventId: last?.id, parkedKeys: 0 };
    const checkpoints = await store.checkpoints(build);
    expect(checkpoints).toMatchObject(Array(partitions).fill(checkpoint));
    expect(await findMismatch(finishedLog(events).eventStore, checkpoints, 0)).toBeUndefined();
  }
});

test("its failures are kept, and those of events that were passed are over", async () => {
  const [shelf] = await liveBuilds();
  const failures = await createCatalog(pool).failures(shelf!);
  const open = openFailures(failures, await createPostgresStore(pool).checkpoints(shelf!));
  // What the release before stopped at is tried again, and parked if it is refused still.
  expect(open).toEqual([]);
});

test("its views answer, and its rows are those that this release's code makes of the same events", async () => {
  const [store, catalog] = [createPostgresStore(pool), createCatalog(pool)];
  const same = (await liveBuilds()).filter(({ build }) => build.readModel.name === "collected");
  expect(same).toHaveLength(1);
  for (const { build: live } of same) {
    // This release counts the same, and keeps whose shelves they are beside it.
    const anew = (await catalog.add(collectedNow, partitions)) as Build;
    const { eventStore } = finishedLog(events);
    const dependencies = { store, catalog, eventStore, codec, logger, timing: quick };
    await fillBuild(dependencies, anew, new AbortController().signal, defaultFillLimits);
    for (const table of Object.keys(live.readModel.tables)) {
      const rows = await rowsOf(live.name.replace(/_b1$/, ""), table);
      expect(rows, table).toEqual(await rowsOf(anew.name, table));
      expect(rows.length, table).toBeGreaterThan(0);
    }
    await catalog.end(anew, "failed", "the test is over");
  }
});

test("the next version of the shelf, filled with the same events, has its books and groups in the same order", async () => {
  const [store, catalog] = [createPostgresStore(pool), createCatalog(pool)];
  const [build] = (await catalog.buildsOf(shelfNow)).map(({ build }) => build);
  const { eventStore } = finishedLog(events);
  const dependencies = { store, catalog, eventStore, codec, logger, timing: quick };
  await fillBuild(dependencies, build!, new AbortController().signal, defaultFillLimits);
  const ordered = async (table: string, order: string) =>
    (await pool.query(`SELECT * FROM ${table} ORDER BY ${order}`)).rows.map(
      ({ order_position, order_rank, order_index, ...row }) => row,
    );
  const books = await ordered("shelf_v2.shelf_books", "reader_id, order_position, order_rank");
  expect(books.length).toBeGreaterThan(0);
  const rank = 'order_rank COLLATE "C"';
  expect(await ordered(`${build!.name}.shelf_books`, `reader_id, order_position, ${rank}`)).toEqual(books);
  const groups = await ordered("shelf_v2.shelf_groups", "reader_id, order_position, order_index");
  expect(groups.length).toBeGreaterThan(0);
  expect(await ordered(`${build!.name}.shelf_groups`, `reader_id, order_position, ${rank}`)).toEqual(groups);
});

test("the next version of the library, filled with the same events, has the same books and chapters", async () => {
  const [store, catalog] = [createPostgresStore(pool), createCatalog(pool)];
  const [build] = (await catalog.buildsOf(libraryNow as unknown as ReadModel)).map(({ build }) => build);
  const { eventStore } = finishedLog(events);
  const dependencies = { store, catalog, eventStore, codec, logger, timing: quick };
  await fillBuild(dependencies, build!, new AbortController().signal, defaultFillLimits);
  for (const table of Object.keys(libraryOf010.tables)) {
    const before = await rowsOf("library_v2", table);
    expect(before.length, table).toBeGreaterThan(0);
    expect((await rowsOf(build!.name, table)).map(({ grown_at, ...row }) => row)).toEqual(before);
  }
});

test("batches go on from its checkpoints, and the views show it", async () => {
  const store = createPostgresStore(pool);
  const [shelf] = await liveBuilds();
  const last = events.at(-1)!;
  const reader = "01890a5d-ac96-774b-bcce-b302099a8051";
  const partition = partitionOf(reader, partitions);
  const { position: after = 0n } = (await store.checkpoints(shelf!))[partition] ?? {};
  const next: RecordedEvent = {
    ...last,
    id: randomUUID(),
    position: last.position + 1_000n,
    stream: `shelf-${reader}`,
    type: "ShelfBookUnpinned",
    data: { bookId: "hongloumeng0" },
  };
  const upTo = { position: next.position, eventId: next.id };
  const batch = { build: shelf!.name, epoch: "e", partition, after, upTo, events: keyed(shelf!.build, [next]) };
  expect((await applyBatch(store, codec, shelf!.build, batch)).outcome).toBe("applied");
  const books = (await rowsOf("shelf_v2", "shelf_books")).filter(({ reader_id }) => reader_id === reader);
  expect(books.map(({ book_id, pinned }) => [book_id, pinned])).toContainEqual(["hongloumeng0", false]);
  expect((await store.checkpoints(shelf!))[partition]).toMatchObject({ ...upTo, parkedKeys: 0 });
});

test("the queues that it left in Redis are removed by a dispatcher, and no others", async () => {
  const signals = await connectSignals();
  const { redis, subscriber } = signals;
  const keys = () => redis.keys("heima:*");
  for (const queue of ["shelf_v2_b1_lane0", "shelf_v2_b1_lane63", "shelf_v2_b1_partition0"]) {
    const left = new Queue(queue, { connection: redis, prefix: "heima" });
    await left.add("batch", {});
    await left.close();
  }
  const own = (await keys()).filter((key) => key.includes("partition"));
  expect((await keys()).length).toBeGreaterThan(own.length + 4);
  const [store, catalog] = [createPostgresStore(pool), createCatalog(pool)];
  const { eventStore } = finishedLog(events);
  const dispatcher = startDispatcher({
    readModels: [],
    store,
    catalog,
    codec,
    eventStore,
    redis,
    subscriber,
    logger,
    timing: { ...quick, dropAfter: 60_000 },
  });
  await eventually(async () => (await keys()).sort(), own.sort());
  await dispatcher.close();
  await redis.flushdb();
  signals.close();
});
