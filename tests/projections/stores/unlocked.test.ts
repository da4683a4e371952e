import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pool } from "../../../src/platform/postgres.ts";
import { applyBatch } from "../../../src/projections/engine/apply/applyBatch.ts";
import type { Batch } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { Row, Table } from "../../../src/projections/engine/core/declaration.ts";
import { remember } from "../../../src/projections/stores/postgres/knownPartitions.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { added, batchOf, codec, point, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

// A worker's memory of its last written partitions must never be used after another process wrote.

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

let builds = 0;
const newTally = () => store.build(tallyOf(`unlocked${++builds}`));

/** A worker's own store; its statements outside transactions pass through `around`, and all are counted. */
function worker(around: (text: string, run: () => Promise<unknown>) => Promise<unknown> = (_, run) => run()) {
  const counted = { unlocked: [] as string[], transactions: 0 };
  const query = (config: { text: string }) => {
    counted.unlocked.push(config.text.trim().split(/\s/)[0] ?? "");
    return around(config.text, () => store.pool.query(config));
  };
  const connect = () => {
    counted.transactions++;
    return store.pool.connect();
  };
  const own = createPostgresStore(Object.assign(Object.create(store.pool) as Pool, { query, connect }));
  return { counted, store: own, apply: (build: Build, batch: Batch) => applyBatch(own, codec, build, batch) };
}

test("the first batch locks; later ones are two statements, or one when the worker wrote the rows last", async () => {
  const build = await newTally();
  const { counted, apply } = worker();
  await apply(build, batchOf(build, 0, -1n, [added(1n, "a")]));
  expect(counted).toEqual({ unlocked: [], transactions: 1 });
  await apply(build, batchOf(build, 0, 1n, [added(2n, "b")]));
  expect(counted.unlocked.splice(0)).toEqual(["SELECT", "WITH"]);
  await apply(build, batchOf(build, 0, 2n, [added(3n, "b"), added(4n, "b")]));
  expect(counted.unlocked.splice(0)).toEqual(["WITH"]);
  await apply(build, { ...batchOf(build, 0, 4n, [added(5n, "b")]), events: [] });
  expect(counted).toEqual({ unlocked: ["WITH"], transactions: 1 });
  expect(await store.tally(build)).toEqual({ a: 1, b: 3 });
  expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(5n), parkedKeys: 0 }]);
});

test("what another worker wrote meanwhile is neither lost nor counted twice", async () => {
  const build = await newTally();
  const one = worker();
  const other = worker();
  for (let position = 0n; position < 12n; position++) {
    const { apply } = position % 3n === 0n ? one : other;
    const batch = batchOf(build, 0, position - 1n, [added(position, "a")]);
    expect(await apply(build, batch)).toMatchObject({ outcome: "applied" });
  }
  expect(await store.tally(build)).toEqual({ a: 12 });
});

test("two workers with the same batch, many times at once, count it once", async () => {
  const build = await newTally();
  const workers = [worker(), worker()];
  for (let position = 0n; position < 30n; position++) {
    const batch = batchOf(build, 0, position - 1n, [added(position, "a")]);
    const outcomes = await Promise.all(workers.map(({ apply }) => apply(build, batch)));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["applied", "done"]);
  }
  expect(await store.tally(build)).toEqual({ a: 30 });
});

test("a gap that a worker remembers is none when another has closed it; a real one is found", async () => {
  const build = await newTally();
  const one = worker();
  await one.apply(build, batchOf(build, 0, -1n, [added(1n, "a")]));
  await worker().apply(build, batchOf(build, 0, 1n, [added(2n, "a")]));
  const third = batchOf(build, 0, 2n, [added(3n, "a")]);
  expect(await one.apply(build, third)).toMatchObject({ outcome: "applied" });
  expect(await one.apply(build, batchOf(build, 0, 7n, [added(8n, "a")]))).toMatchObject({ outcome: "gap" });
  expect(await store.tally(build)).toEqual({ a: 3 });
});

test("the events of a key that another process parked are parked, not folded", async () => {
  const build = await newTally();
  const one = worker();
  await one.apply(build, batchOf(build, 0, -1n, [added(1n, "a")]));
  await store.store.inPartition(build, 0, async (session) => {
    await session.park([{ key: "a", event: added(2n, "a"), error: "no" }]);
    await session.advance(point(2n));
  });
  const applied = await one.apply(build, batchOf(build, 0, 2n, [added(3n, "a"), added(4n, "b")]));
  expect(applied).toEqual({ outcome: "applied", parkedKeys: new Set(["a"]) });
  expect(await store.tally(build)).toEqual({ a: 1, b: 1 });
  // Even if the position is the remembered one.
  await store.store.inPartition(build, 0, (session) =>
    session.park([{ key: "b", event: added(4n, "b"), error: "no" }]),
  );
  expect(await one.apply(build, batchOf(build, 0, 4n, [added(5n, "b")]))).toMatchObject({
    parkedKeys: new Set(["a", "b"]),
  });
  expect(await store.tally(build)).toEqual({ a: 1, b: 1 });
});

test("a database that went back is written from where it is", async () => {
  const build = await newTally();
  const { apply } = worker();
  await apply(build, batchOf(build, 0, -1n, [added(1n, "a")]));
  await apply(build, batchOf(build, 0, 1n, [added(2n, "a")]));
  await store.pool.query(`UPDATE ${build.name}.tallies SET added = 1;
    UPDATE ${build.name}.checkpoints SET position = 1, event_id = '${point(1n).eventId}'`);
  // The batch that it had applied has been undone.
  expect(await apply(build, batchOf(build, 0, 1n, [added(2n, "a")]))).toMatchObject({ outcome: "applied" });
  expect(await apply(build, batchOf(build, 0, 2n, [added(3n, "a")]))).toMatchObject({ outcome: "applied" });
  expect(await store.tally(build)).toEqual({ a: 3 });
});

test.each(["before", "after"])("a connection that is lost %s the statement counts the batch once", async (when) => {
  const build = await newTally();
  let lost = 0;
  const { apply } = worker(async (text, run) => {
    if (!text.startsWith("WITH") || lost > 0) return run();
    lost++;
    if (when === "after") await run();
    throw new Error("Connection terminated unexpectedly");
  });
  await apply(build, batchOf(build, 0, -1n, [added(1n, "a")]));
  const batch = batchOf(build, 0, 1n, [added(2n, "a")]);
  await expect(apply(build, batch)).rejects.toThrow("terminated");
  expect((await apply(build, batch)).outcome).toBe(when === "after" ? "done" : "applied");
  await apply(build, batchOf(build, 0, 2n, [added(3n, "a")]));
  expect(await store.tally(build)).toEqual({ a: 3 });
});

test("a worker that is overtaken between reading and writing applies nothing of what it read", async () => {
  const build = await newTally();
  const batch = batchOf(build, 0, 1n, [added(2n, "b"), added(3n, "b")]);
  let overtaken = false;
  const { apply } = worker(async (text, run) => {
    const found = await run();
    if (text.startsWith("SELECT") && !overtaken) {
      overtaken = true;
      await applyBatch(store.store, codec, build, batchOf(build, 0, 1n, [added(2n, "b")]));
    }
    return found;
  });
  await apply(build, batchOf(build, 0, -1n, [added(1n, "a")]));
  expect(await apply(build, batch)).toMatchObject({ outcome: "applied" });
  expect(overtaken).toBe(true);
  expect(await store.tally(build)).toEqual({ a: 1, b: 2 });
});

test("a row that Postgres may give back as another is not remembered, and one that was there before is forgotten", () => {
  const table: Table = {
    columns: { key: "text", note: "text?", far: "int8", at: "timestamptz", times: "int4" },
    primaryKey: ["key"],
  };
  const row = { key: "a", note: null, far: 1n, at: new Date(0), times: 1 };
  const strange = [
    { ...row, key: "half\ud800" },
    { ...row, note: undefined },
    { ...row, times: 1.5 },
    { ...row, far: 1 },
    { ...row, at: new Date(Number.NaN) },
    { ...row, more: 1 },
  ];
  const rows = new Map<string, Row | null>();
  for (const one of strange) {
    remember(rows, table, "a", row);
    expect(rows.get("a")).toBe(row);
    remember(rows, table, "a", one as Row);
    expect(rows.has("a")).toBe(false);
  }
});

test("small steps of several builds at once take one statement; one that fails, or is locked by others, holds up none", async () => {
  const [one, two, locked] = [await newTally(), await newTally(), await newTally()];
  const { counted, apply } = worker();
  const step = (build: Build, position: bigint) =>
    apply(build, batchOf(build, 0, position - 1n, [added(position, "a")]));
  const all = [one, two, locked];
  await Promise.all(all.map((build) => step(build, 0n)));
  await Promise.all(all.map((build) => step(build, 1n)));
  expect(counted.unlocked.splice(0)).toEqual(["SELECT", "WITH"]);
  await Promise.all(all.map((build) => step(build, 2n)));
  expect(counted.unlocked.splice(0)).toEqual(["WITH"]);

  const mend = await store.breakTable(one, "tallies");
  const [failed, went] = await Promise.allSettled([step(one, 3n), step(two, 3n)]);
  expect([failed.status, went.status]).toEqual(["rejected", "fulfilled"]);
  await mend();
  expect(counted.unlocked.splice(0)).toEqual(["WITH", "WITH", "WITH"]);

  // Like an operator's retry that folds parked events.
  const client = await store.pool.connect();
  await client.query("BEGIN");
  await client.query(`SELECT FROM ${locked.name}.checkpoints FOR UPDATE`);
  const waiting = step(locked, 3n);
  expect(await step(two, 4n)).toMatchObject({ outcome: "applied" });
  await client.query("COMMIT");
  client.release();
  expect(await waiting).toMatchObject({ outcome: "applied" });
  for (const [build, count] of [
    [one, 3],
    [two, 5],
    [locked, 4],
  ] as const)
    expect(await store.tally(build)).toEqual({ a: count });
});

test("what changes many rows has a statement of its own beside the small ones", async () => {
  const [small, large] = [await newTally(), await newTally()];
  const { counted, apply } = worker();
  const many = Array.from({ length: 300 }, (_, index) => added(BigInt(index), `reader${index}`));
  for (const build of [small, large]) await apply(build, { ...batchOf(build, 0, -1n, [added(0n, "a")]), events: [] });
  await Promise.all([
    apply(small, batchOf(small, 0, 0n, [added(1n, "a")])),
    apply(large, batchOf(large, 0, 0n, many.slice(1))),
  ]);
  expect(counted.unlocked).toEqual(["SELECT", "SELECT", "WITH", "WITH"]);
  expect(Object.keys(await store.tally(large)).length).toBe(299);
});
