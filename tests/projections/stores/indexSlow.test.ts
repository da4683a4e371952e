import { setTimeout as sleep } from "node:timers/promises";
import { errors } from "@elastic/elasticsearch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPool, type Pool } from "../../../src/platform/postgres.ts";
import { applyBatch } from "../../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { type Fence, fenced } from "../../../src/projections/stores/elasticsearch/fence.ts";
import { inHeldTransaction } from "../../../src/projections/stores/elasticsearch/heldTransaction.ts";
import { createNumbersRefresher } from "../../../src/projections/stores/elasticsearch/refreshNumbers.ts";
import { createElasticsearchStore } from "../../../src/projections/stores/elasticsearch/store.ts";
import { added, batchOf, codec, logger } from "../fixtures.ts";
import { intercepted } from "../store.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "./indexStore.ts";

// An index that answers slowly, or not at all.

/** The idle time-out of a transaction in this pool, in milliseconds, and the duration of a slow request. */
const idleMs = 250;
const slowMs = 600;

let under: IndexStore;
let pool: Pool;
beforeAll(async () => {
  under = await freshIndexStore();
  pool = createPool({ url: under.url, max: 8, service: "test", logger });
  Object.assign(pool.options, { idle_in_transaction_session_timeout: idleMs });
});
afterAll(async () => {
  await pool.end();
  await under.close();
});

let models = 0;
const newModel = () => indexedTallyOf(`slow${++models}`);
const apply = (build: Build, after: bigint, position: bigint, reader: string) =>
  applyBatch(under.store, codec, build, batchOf(build, 0, after, [added(position, reader)]));

/** A store whose requests with this prefix take longer than a transaction may be idle. */
function slowStore(slow: RegExp) {
  const slowly: string[] = [];
  const client = under.clientWith({
    async before(request) {
      if (!slow.test(request)) return;
      slowly.push(request);
      await sleep(slowMs);
    },
  });
  const { prefix } = under;
  return { slowly, store: createElasticsearchStore({ pool, client, prefix, numbers: {}, now: () => new Date() }) };
}

test("a build is opened, takes over and is dropped, however long single requests take", async () => {
  const readModel = newModel();
  const old = await under.add(readModel);
  await under.store.takeOver(old, undefined, async () => true);
  const { slowly, store } = slowStore(/_refresh|_block|^PUT \/[^/]+$|^DELETE/);
  const next = await under.catalog.add(readModel, 1);
  if (next === undefined) throw new Error("not added");
  await store.open(next);
  expect(await store.takeOver(next, old, async () => true)).toBe(true);
  await store.drop(old);
  expect(slowly).toHaveLength(5);
  expect(await under.client.indices.exists({ index: under.indexOf(old) })).toBe(false);
});

test("a transaction is held while the index is waited for, and only then", async () => {
  const times = { idle: idleMs, every: 20, max: 60_000 };
  const held = (work: Parameters<typeof inHeldTransaction<number>>[1]) => inHeldTransaction(pool, work, times);
  expect(await held((_, hold) => hold(() => sleep(slowMs, 1)))).toBe(1);
  await expect(held((_, hold) => sleep(slowMs).then(() => hold(async () => 1)))).rejects.toThrow();
});

test("a fence is held while a step of its work takes long, and its connection answers meanwhile", async () => {
  const times = { idle: idleMs, every: 20, max: 60_000 };
  const build = await under.add(newModel());
  const work = async ({ client, confirm }: Fence) => {
    await sleep(slowMs);
    const asked = Array.from({ length: 20 }, (_, number) => client.query("SELECT $1::int AS number", [number]));
    await confirm();
    return (await Promise.all(asked)).map(({ rows }) => rows[0].number as number);
  };
  expect(await fenced(pool, build, [0], work, (run) => run(), times)).toEqual([...Array(20).keys()]);
});

test("steps of work behind a fence ask Postgres for nothing: one timer holds the fence", async () => {
  const times = { idle: 15_000, every: 0, max: 60_000 };
  const build = await under.add(newModel());
  let statements = 0;
  const counted = intercepted(pool, (_, run) => {
    statements++;
    return run();
  });
  const work = async ({ step }: Fence) => {
    const before = statements;
    for (let steps = 0; steps < 1_000; steps++) await step();
    return statements - before;
  };
  expect(await fenced(counted, build, [0], work, (run) => run(), times)).toBeLessThan(500);
});

test("work behind a fence ends at the step after the fence was found lost", async () => {
  const times = { idle: 15_000, every: 20, max: 60_000 };
  const build = await under.add(newModel());
  const work = async ({ client, step }: Fence) => {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
    for (;;) await step();
  };
  await expect(fenced(pool, build, [0], work, (run) => run(), times)).rejects.toThrow();
});

test("a transaction that has waited for long begins nothing more on the index", async () => {
  let begun = 0;
  const times = { idle: 15_000, every: 1_000, max: 0 };
  await expect(inHeldTransaction(pool, (_, hold) => hold(async () => ++begun), times)).rejects.toThrow("longer than");
  expect(begun).toBe(0);
});

/** A client whose requests for more than this many documents take too long, and the requested sizes, in documents. */
function clientUpTo(most: number, tooMuch: () => Error) {
  const asked: number[] = [];
  const sources: unknown[] = [];
  const client = under.clientWith({
    before(request, body) {
      if (!/_mget|_search/.test(request)) return;
      const { ids, size, _source } = JSON.parse(body) as { ids?: unknown[]; size?: number; _source?: unknown };
      const documents = ids?.length ?? size ?? 0;
      asked.push(documents);
      if (documents > most) throw tooMuch();
      sources.push(_source);
    },
  });
  const { prefix } = under;
  const context = { pool, client, prefix, numbers: {}, now: () => new Date() };
  return { asked, sources, context, store: createElasticsearchStore(context) };
}
const tooLate = () => new errors.TimeoutError("Request timed out");
const tooLarge = () =>
  new errors.ResponseError({
    statusCode: 429,
    body: { error: { type: "circuit_breaking_exception" }, status: 429 },
  } as never);

test.each([
  ["take too long", tooLate],
  ["need too much memory", tooLarge],
])("documents are asked for in smaller portions while requests %s", async (_, tooMuch) => {
  const build = await under.add(newModel());
  const readers = Array.from({ length: 300 }, (_, index) => `reader${index}`);
  const events = readers.map((reader, index) => added(BigInt(index), reader));
  await applyBatch(under.store, codec, build, batchOf(build, 0, -1n, events));
  const { asked, store } = clientUpTo(100, tooMuch);
  const keys = new Map([["tallies", readers.map((reader_id) => ({ reader_id }))]]);
  // The second late answer ends a load; the load is repeated.
  if (tooMuch === tooLate) await expect(store.load(build, keys)).rejects.toThrow("timed out");
  expect((await store.load(build, keys)).rows.get("tallies")?.size).toBe(300);
  expect(asked.slice(0, 3)).toEqual([300, 150, 75]);
  const read = await store.snapshot(build, async ({ rows }) => {
    let count = 0;
    for await (const row of rows("tallies")) count += Number(row.added);
    return count;
  });
  expect(read).toBe(300);
  // The result is remembered: later requests are smaller than the first.
  expect(Math.max(...asked.slice(3))).toBeLessThan(150);
});

test("a server that does not answer even small requests is not asked for ever", async () => {
  const build = await under.add(newModel());
  const { asked, store } = clientUpTo(0, tooLate);
  const keys = new Map([["tallies", Array.from({ length: 40 }, (_, index) => ({ reader_id: `reader${index}` }))]]);
  await expect(store.load(build, keys)).rejects.toThrow("timed out");
  expect(asked).toEqual([40, 30]);
});

test("numbers are compared without the rest of the rows", async () => {
  const readModel = newModel();
  const build = await under.add(readModel);
  await apply(build, -1n, 1n, "lin");
  const { sources, context } = clientUpTo(1_000, tooLate);
  const numbers = { of: async () => new Map(), all: async () => new Map([["lin", { heat: 2 }]]) };
  const refresh = createNumbersRefresher({ ...context, numbers: { [readModel.name]: numbers } });
  expect(await refresh(build)).toBe(1);
  expect(sources[0]).toEqual(["engine.kind", "engine.numbers", "engine.row.reader_id"]);
});

test("a take-over that lost its locks leaves the block of the one that has them", async () => {
  const readModel = newModel();
  const old = await under.add(readModel);
  await apply(old, -1n, 5n, "lin");
  await under.store.takeOver(old, undefined, async () => true);
  const next = await under.add(readModel);
  let letGo = () => {};
  let other: Promise<boolean> | undefined;
  const lost = under.store.takeOver(next, old, async () => {
    await pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'",
    );
    await new Promise<void>((stands) => {
      other = under.store.takeOver(next, old, async () => {
        stands();
        await new Promise<void>((go) => {
          letGo = go;
        });
        return false;
      });
    });
    return false;
  });
  await expect(lost).rejects.toThrow();
  await expect(apply(old, 5n, 6n, "lin")).rejects.toThrow("blocked");
  letGo();
  expect(await other).toBe(false);
  expect(await apply(old, 5n, 6n, "lin")).toMatchObject({ outcome: "applied" });
});
