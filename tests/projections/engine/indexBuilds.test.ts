import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createReadModelReadiness } from "../../../src/projections/engine/progress/readiness.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { verifyBuild } from "../../../src/projections/engine/verify/verifyBuild.ts";
import { createStores } from "../../../src/projections/stores/stores.ts";
import { memoryEventStore } from "../../support/memoryEventStore.ts";
import { eventually } from "../../support/waiting.ts";
import { codec, logger, tallyOf } from "../fixtures.ts";
import type { Store } from "../store.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "../stores/indexStore.ts";
import { engineOn, shelve } from "./runningEngine.ts";

/** The time-out of a poll on a busy machine. */
const patience = 20_000;
const partitions = 2;

let under: IndexStore;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  under = await freshIndexStore();
});
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await under.close();
});

const contextOf = (client = under.client) => ({
  pool: under.pool,
  client,
  prefix: under.prefix,
  numbers: {},
  now: () => new Date(),
});
const live = async (readModel: ReturnType<typeof indexedTallyOf>) =>
  (await under.catalog.buildsOf(readModel)).find(({ state }) => state === "live");
const shownBy = async (readModel: ReturnType<typeof indexedTallyOf>) => {
  const index = under.aliasOf(readModel);
  await under.client.indices.refresh({ index });
  const query = { exists: { field: "reader" } };
  const { hits } = await under.client.search<{ reader: string; added: number }>({ index, query, size: 100 });
  return Object.fromEntries(hits.hits.map(({ _source }) => [_source?.reader, _source?.added]));
};

test("an index is filled from the log and fed; deleted while it runs, it is built anew under another name by itself", async () => {
  const [indexed, tables] = [
    indexedTallyOf(`built${randomUUID().slice(0, 8)}`),
    tallyOf(`beside${randomUUID().slice(0, 8)}`),
  ];
  const eventStore = memoryEventStore();
  const readers = ["lin", "wang", "zhao"];
  for (const reader of readers) await shelve(eventStore, reader, "hongloumeng0", "xiyouji00000");
  const store = createStores(contextOf());
  const engine = await engineOn({ ...under, store } as unknown as Store, [indexed, tables]);
  closing.push(engine.close);
  for (const readModel of [indexed, tables]) await under.catalog.add(readModel, partitions);
  engine.start(eventStore);
  await eventually(() => shownBy(indexed), { lin: 2, wang: 2, zhao: 2 }, patience);
  await shelve(eventStore, "qian", "hongloumeng0");
  await eventually(() => shownBy(indexed), { lin: 2, wang: 2, zhao: 2, qian: 1 }, patience);

  const first = await live(indexed);
  if (first === undefined) throw new Error("no build is live");
  await under.client.indices.delete({ index: under.indexOf(first.build) });
  await eventually(() => shownBy(indexed), { lin: 2, wang: 2, zhao: 2, qian: 1 }, patience);
  const second = await live(indexed);
  expect(second?.number).toBeGreaterThan(first.number);
  expect((await under.catalog.list()).find(({ name }) => name === first.name)).toMatchObject({
    state: "retired",
    reason: expect.stringContaining("gone"),
  });
  if (second === undefined) throw new Error("no build is live");
  const verified = await verifyBuild({ store, eventStore, codec }, second.build, { kind: "all" });
  expect(verified).toMatchObject({ keys: 4, rows: 4, differences: 0 });
  // The other read model was not affected.
  const beside = (await under.catalog.buildsOf(tables)).map(({ number, state }) => ({ number, state }));
  expect(beside).toEqual([{ number: 1, state: "live" }]);
});

test("a search engine that does not answer holds up no other read model, and the process is still ready", async () => {
  const [indexed, tables] = [
    indexedTallyOf(`away${randomUUID().slice(0, 8)}`),
    tallyOf(`near${randomUUID().slice(0, 8)}`),
  ];
  let hangs = false;
  let letGo = () => {};
  const freed = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const client = under.clientWith({ before: () => (hangs ? freed : undefined) });
  const store = createStores(contextOf(client));
  const readModels = [indexed, tables];
  for (const readModel of readModels) {
    const build = await under.catalog.add(readModel, 1);
    if (build === undefined) throw new Error("the catalog added no build");
    await store.open(build);
    await store.takeOver(build, undefined, async () => true);
  }
  const { catalog } = under;
  const tracker = createProgressTracker({ readModels, catalog, store, logger });
  closing.push(async () => tracker.close());
  const eventStore = memoryEventStore();
  const readiness = createReadModelReadiness({ tracker, catalog, eventStore, readModels, logger });
  expect((await readiness()).ready).toBe(true);
  const change = tracker.now() ?? 0;
  const isUnchanged = (readModel: { readonly name: string }) =>
    tracker.unchangedSince(change, [{ readModel: readModel.name }]);
  expect(readModels.map(isUnchanged)).toEqual([true, true]);

  hangs = true;
  const { ready, readModels: states } = await readiness();
  expect(ready).toBe(true);
  expect(states[indexed.name]).toMatchObject({ state: "live" });
  expect(tracker.of(indexed.name)?.live?.away).toBe("no answer in 500 ms");
  expect(tracker.of(tables.name)?.live?.away).toBeUndefined();
  // Its changes may be missed, but not those of the other.
  expect(readModels.map(isUnchanged)).toEqual([false, true]);
  expect(tracker.now()).toBe(change);
  hangs = false;
  letGo();
  await eventually(async () => {
    await tracker.refresh();
    return tracker.of(indexed.name)?.live?.away;
  }, undefined);
});
