import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPool, type Pool } from "../../../src/platform/postgres.ts";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import { tryTakeOver } from "../../../src/projections/engine/builds/takeOver.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { retrySkippedKeys } from "../../../src/projections/engine/parked/retrySkipped.ts";
import type { ParkedKeyRef, ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { createElasticsearchStore } from "../../../src/projections/stores/elasticsearch/store.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { finishedLog } from "../engine/finishedLog.ts";
import { added, codec, idAt, logger, oneMore, point, quick, skipOf, tallyOf } from "../fixtures.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "./indexStore.ts";

/** Connections of the pool, and the amount of work that would use all of them. */
const connections = 4;
const many = 12;

let under: IndexStore;
let pool: Pool;
beforeAll(async () => {
  under = await freshIndexStore();
  pool = createPool({ url: under.url, max: connections, service: "test", logger });
});
afterAll(async () => {
  await pool.end();
  await under.close();
});

const numbered = <Item>(make: (index: number) => Item) => Array.from({ length: many }, (_, index) => make(index));

test("take-overs that begin in one turn leave connections for what each of them asks", async () => {
  const [store, catalog] = [createPostgresStore(pool), createCatalog(pool, oneMore)];
  const log = finishedLog([added(10n, "lin")]);
  const next: Build[] = [];
  for (const readModel of numbered((index) => tallyOf(`swapped${index}`))) {
    for (const isLive of [true, false]) {
      const build = await catalog.add(readModel, 1);
      if (build === undefined) throw new Error("no build was added");
      await store.open(build);
      await store.inPartition(build, 0, (session) => session.advance(point(10n)));
      if (isLive) await store.takeOver(build, undefined, async () => true);
      else next.push(build);
    }
  }
  // All have locked their checkpoints before one of them queries.
  let locked = 0;
  const asking: ReadModelStore = {
    ...store,
    takeOver: (one, previous, mayTakeOver) =>
      store.takeOver(one, previous, async (highest) => {
        locked++;
        for (let turn = 0; turn < 100 && locked < connections; turn++) await nextTurn();
        return mayTakeOver(highest);
      }),
  };
  const dependencies = {
    store: asking,
    catalog,
    eventStore: log.eventStore,
    codec,
    logger,
    timing: quick,
    announce: async () => {},
  };
  const stop = new AbortController().signal;
  const attempts = await Promise.all(next.map((build) => tryTakeOver(dependencies, build, stop)));
  expect(attempts).toEqual(numbered(() => "live"));
});

test("fenced work that begins in one turn leaves connections for what it asks", async () => {
  const { client, prefix } = under;
  const store = createElasticsearchStore({ pool, client, prefix, numbers: {}, now: () => new Date() });
  const build = await under.add(indexedTallyOf("fenced"), many);
  const parking = numbered((partition) =>
    store.inPartition(build, partition, async (session) => {
      const event = added(BigInt(partition), `reader${partition}`);
      await session.park([{ key: `reader${partition}`, event, error: "poison" }]);
      await session.advance(point(20n));
    }),
  );
  await Promise.all(parking);
  expect(await store.parked(build)).toHaveLength(many);
});

test("retries of skipped keys go two at a time", async () => {
  const readModel = tallyOf("retried");
  const skips = numbered((index) => skipOf(BigInt(100 + index), BigInt(index), readModel.name));
  const parked = numbered((index) => ({ partition: 0, key: `reader${index}`, eventId: idAt(BigInt(index)) }));
  const stop = new AbortController();
  let begun = 0;
  let running = 0;
  let most = 0;
  const store = {
    checkpoints: async () => [{ ...point(50n), parkedKeys: many, parkedVersion: 0n }],
    parkedKeys: async () => parked as unknown as readonly ParkedKeyRef[],
    async inPartition() {
      begun++;
      most = Math.max(most, ++running);
      await nextTurn();
      running--;
      if (begun === many) stop.abort();
      return undefined;
    },
  } as unknown as ReadModelStore;
  const dependencies = { store, codec, eventStore: finishedLog(skips).eventStore, publish: async () => {}, logger };
  const build: Build = { readModel, number: 1, partitions: 1, name: "retried_v1_b1" };
  await retrySkippedKeys(dependencies, build, 1, stop.signal);
  expect([begun, most]).toEqual([many, 2]);
});
