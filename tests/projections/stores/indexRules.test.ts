import { afterAll, beforeAll, expect, test } from "vitest";
import { applyBatch } from "../../../src/projections/engine/apply/applyBatch.ts";
import { applyPatiently } from "../../../src/projections/engine/apply/applyPatiently.ts";
import { parksMore } from "../../../src/projections/engine/builds/takeOver.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { createElasticsearchStore } from "../../../src/projections/stores/elasticsearch/store.ts";
import { added, batchOf, codec, logger, point, quick, recorded } from "../fixtures.ts";
import { type Around, freshIndexStore, type IndexStore, indexedTallyOf } from "./indexStore.ts";

// Rules 20 to 24c of docs/projection-protocol.md, one after the other; each test fails without its rule.

let under: IndexStore;
beforeAll(async () => {
  under = await freshIndexStore();
});
afterAll(() => under.close());

let models = 0;
let poison = "";
const newModel = () =>
  indexedTallyOf(`rules${++models}`, ({ data }) => {
    if ((data as { bookId?: string }).bookId === poison) throw new Error("poison");
  });
const newBuild = () => under.add(newModel());
const removed = (position: bigint, reader: string) =>
  recorded(position, `shelf-${reader}`, { type: "BookRemovedFromShelf", data: { bookId: "hongloumeng0" } });
const erased = (position: bigint, reader: string) =>
  recorded(position, `account-${reader}`, { type: "ReaderErased", data: {} });
type Events = Parameters<typeof batchOf>[3];
const apply = (build: Build, after: bigint, events: Events, store: ReadModelStore = under.store) =>
  applyBatch(store, codec, build, batchOf(build, 0, after, events));

class Crash extends Error {}
/** A store whose process dies before the request that `at` chooses: no later one is sent. */
function dying(at: (request: string, body: string) => boolean, when: keyof Around = "before") {
  let dead = false;
  const around: Around = {
    before(request, body) {
      if (when === "before") dead ||= at(request, body);
      if (dead) throw new Crash(request);
    },
    after(request, body) {
      if (when === "after") dead ||= at(request, body);
      if (dead) throw new Crash(request);
    },
  };
  return under.storeWith(around);
}
/** A store that waits before the first request that `at` chooses, until it is released; `stands` resolves when it waits. */
function stopping(at: (request: string, body: string) => boolean) {
  let arrive = () => {};
  let letGo = () => {};
  const stands = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const freed = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const store = under.storeWith({
    before(request, body) {
      if (!at(request, body)) return;
      arrive();
      return freed;
    },
  });
  return { store, stands, letGo: () => letGo() };
}
const isBulk = (kind: string) => (request: string, body: string) =>
  request.includes("_bulk") && body.includes(`"kind":"${kind}"`);
const documentsOf = async (build: Build) => {
  await under.store.refresh(build);
  const query = { exists: { field: "reader" } };
  const { hits } = await under.client.search<Record<string, unknown>>({ index: under.indexOf(build), query });
  return hits.hits.map(({ _source: { reader, added } = {} }) => ({ reader, added }));
};

test("20: a process that dies between documents and checkpoint has counted nothing twice, whatever batches come then", async () => {
  const events = [added(1n, "lin"), added(2n, "lin"), added(3n, "wang"), added(4n, "lin")];
  for (const lengths of [[4], [2, 2], [1, 1, 1, 1]]) {
    const build = await newBuild();
    await expect(apply(build, -1n, events.slice(0, 3), dying(isBulk("checkpoint")))).rejects.toThrow(Crash);
    expect(await under.store.checkpoints(build)).toMatchObject([{ position: -1n }]);
    let done = 0;
    for (const length of lengths) {
      const some = events.slice(done, done + length);
      expect(await apply(build, BigInt(done === 0 ? -1 : done), some)).toMatchObject({ outcome: "applied" });
      done += length;
    }
    expect(await under.tally(build)).toEqual({ lin: 3, wang: 1 });
    expect(await under.store.checkpoints(build)).toMatchObject([point(4n)]);
  }
});

test("20: a stopped process that goes on overwrites no newer document, and moves no checkpoint back", async () => {
  const build = await newBuild();
  const late = stopping(isBulk("row"));
  const first = apply(build, -1n, [added(1n, "lin")], late.store);
  await late.stands;
  await apply(build, -1n, [added(1n, "lin"), added(2n, "lin")]);
  late.letGo();
  expect(await first).toMatchObject({ outcome: "applied" });
  expect(await under.tally(build)).toEqual({ lin: 2 });
  expect(await documentsOf(build)).toEqual([{ reader: "lin", added: 2 }]);
  expect(await under.store.checkpoints(build)).toMatchObject([point(2n)]);
});

test("20: the checkpoint is read before the documents: what is applied in between is a repeat", async () => {
  const build = await newBuild();
  const late = stopping((request, body) => request.includes("_mget") && body.includes('"lin"'));
  const first = apply(build, -1n, [added(1n, "lin"), added(2n, "lin")], late.store);
  await late.stands;
  await apply(build, -1n, [added(1n, "lin")]);
  late.letGo();
  await first;
  expect(await under.tally(build)).toEqual({ lin: 2 });
});

test("20: a full disk is a fault of the store, found item by item; nothing is lost when it has room again", async () => {
  const build = await newBuild();
  const index = under.indexOf(build);
  await under.client.indices.putSettings({ index, settings: { "index.blocks.read_only_allow_delete": true } });
  const error = await apply(build, -1n, [added(1n, "lin")]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(under.store.classify(error)).toBe("fault");
  expect(under.store.isLost(error)).toBe(false);
  expect(await under.store.checkpoints(build)).toMatchObject([{ position: -1n }]);
  await under.client.indices.putSettings({ index, settings: { "index.blocks.read_only_allow_delete": null } });
  await apply(build, -1n, [added(1n, "lin")]);
  expect(await under.tally(build)).toEqual({ lin: 1 });
});

test("20: what the index refuses is the contents' fault, and the other documents of the request are written", async () => {
  const build = await newBuild();
  const source = JSON.stringify({
    reader: "x",
    surprise: 1,
    engine: { kind: "gone", partition: 0, key: "x", position: "1" },
  });
  // The mapping is checked in advance, so the document is corrupted in transit.
  const strange = under.storeWith({
    change(lines) {
      lines[1] = source;
    },
  });
  const error = await apply(build, -1n, [added(1n, "lin"), added(2n, "wang")], strange).catch((thrown) => thrown);
  expect(under.store.classify(error)).toBe("refused");
  expect(await documentsOf(build)).toEqual([{ reader: "wang", added: 1 }]);
  await apply(build, -1n, [added(1n, "lin"), added(2n, "wang")]);
  expect(await under.tally(build)).toEqual({ lin: 1, wang: 1 });
});

test("21: a row that came and went in one batch is marked as gone, and a stopped process does not bring it back", async () => {
  const build = await newBuild();
  const late = stopping(isBulk("row"));
  const first = apply(build, -1n, [added(1n, "lin")], late.store);
  await late.stands;
  await apply(build, -1n, [added(1n, "lin"), removed(2n, "lin")]);
  late.letGo();
  await first;
  expect(await under.tally(build)).toEqual({});
  expect(await documentsOf(build)).toEqual([]);
});

test("21: a wipe finds rows that no search has found yet, and leaves what came after it before a crash", async () => {
  const build = await newBuild();
  await apply(build, -1n, [added(1n, "lin"), added(2n, "wang")]);
  await apply(build, 2n, [erased(3n, "lin")]);
  expect(await under.tally(build)).toEqual({ wang: 1 });
  const events = [erased(4n, "wang"), added(5n, "wang"), added(6n, "lin")];
  await expect(apply(build, 3n, events, dying(isBulk("checkpoint")))).rejects.toThrow(Crash);
  await apply(build, 3n, [...events, added(7n, "zhao")]);
  expect(await under.tally(build)).toEqual({ lin: 1, wang: 1, zhao: 1 });
});

const dependencies = (store: ReadModelStore) => ({
  store,
  catalog: under.catalog,
  codec,
  logger,
  timing: quick,
  publish: async () => {},
  eventStore: { readStream: async function* () {} } as unknown as Parameters<typeof retryParked>[0]["eventStore"],
});
const patiently = (build: Build, after: bigint, events: Events, store = under.store, stop = new AbortController()) =>
  applyPatiently(dependencies(store), build, batchOf(build, 0, after, events), stop.signal);

test("22: documents, parked rows, checkpoint: a process that dies before the last parks nothing twice, and folds what stood before", async () => {
  poison = "poison000000";
  const build = await newBuild();
  const events = [added(1n, "lin"), added(2n, "lin", poison), added(3n, "lin"), added(4n, "wang")];
  const dies = new AbortController();
  const dyingAtCheckpoint = under.storeWith({
    before(request, body) {
      const isCheckpoint = isBulk("checkpoint")(request, body);
      if (dies.signal.aborted || (isCheckpoint && body.includes('"position":"2"'))) {
        dies.abort();
        throw new Crash(request);
      }
    },
  });
  expect(await patiently(build, -1n, events, dyingAtCheckpoint, dies)).toMatchObject({ outcome: "stopped" });
  expect(await under.store.parked(build)).toMatchObject([{ key: "lin", position: 2n, events: 1 }]);
  expect(await patiently(build, -1n, events)).toMatchObject({ outcome: "applied" });
  expect(await under.store.parked(build)).toMatchObject([{ key: "lin", position: 2n, events: 2 }]);
  expect(await under.tally(build)).toEqual({ lin: 1, wang: 1 });
  expect(await under.store.checkpoints(build)).toMatchObject([{ ...point(4n), parkedKeys: 1 }]);
});

test("22: a retry that dies has said that it began, so that its key counts as parked no more; the next one counts nothing twice", async () => {
  poison = "poison000000";
  const readModel = newModel();
  const build = await under.add(readModel);
  const other = await under.add(readModel);
  const events = [added(1n, "lin", poison), added(2n, "lin")];
  for (const one of [build, other]) await patiently(one, -1n, events);
  expect(await parksMore(under.store, other, build)).toBe(false);
  poison = "";
  await expect(retryParked(dependencies(dying(isBulk("row"), "after")), build, "lin")).rejects.toThrow(Crash);
  expect(await under.store.parked(build)).toMatchObject([{ key: "lin", events: 2 }]);
  expect(await documentsOf(build)).toEqual([{ reader: "lin", added: 2 }]);
  expect(await parksMore(under.store, other, build)).toBe(true);
  expect(await retryParked(dependencies(under.store), build, "lin")).toMatchObject([{ folded: 2, left: 0 }]);
  expect(await under.tally(build)).toEqual({ lin: 2 });
  expect(await under.store.parked(build)).toEqual([]);
});

test("22: a batch that meets a parked key waits for the retry of it", async () => {
  poison = "poison000000";
  const build = await newBuild();
  await patiently(build, -1n, [added(1n, "lin", poison)]);
  poison = "";
  const late = stopping(isBulk("row"));
  const retrying = retryParked(dependencies(late.store), build, "lin");
  await late.stands;
  const applying = apply(build, 1n, [added(2n, "lin")]);
  late.letGo();
  await Promise.all([retrying, applying]);
  expect(await under.tally(build)).toEqual({ lin: 2 });
  expect(await under.store.parked(build)).toEqual([]);
});

test("23: a lost index is made again neither by a write nor by open; the build is over", async () => {
  const build = await newBuild();
  const index = under.indexOf(build);
  await under.client.indices.delete({ index });
  const attempts = [
    () => apply(build, -1n, [added(1n, "lin")]),
    () => under.store.open(build),
    () => under.store.checkpoints(build),
    () => under.store.refresh(build),
    () => under.store.snapshot(build, async () => {}),
  ];
  for (const attempt of attempts) {
    const error = await attempt().catch((thrown: unknown) => thrown);
    expect(under.store.isLost(error)).toBe(true);
    expect(under.store.classify(error)).toBe("fault");
  }
  expect(await under.client.indices.exists({ index })).toBe(false);
});

test("23: a process that writes into an index that goes meanwhile makes none", async () => {
  const build = await newBuild();
  const late = stopping(isBulk("row"));
  const applying = apply(build, -1n, [added(1n, "lin")], late.store).catch((thrown: unknown) => thrown);
  await late.stands;
  await under.client.indices.delete({ index: under.indexOf(build) });
  late.letGo();
  expect(under.store.isLost(await applying)).toBe(true);
  expect(Object.keys(await under.client.indices.get({ index: `${under.indexOf(build)}*` }))).toEqual([]);
});

/** Copies what Postgres knows of the build's parked events; the returned function restores it, like a backup. */
async function backUp({ name }: Build): Promise<() => Promise<void>> {
  const tables = ["parked", "parked_keys"];
  for (const table of tables) {
    await under.pool.query(
      `CREATE TABLE ${name}.kept_${table} AS SELECT * FROM projections.${table} WHERE build = $1`,
      [name],
    );
  }
  await under.pool.query(`CREATE TABLE ${name}.kept_checkpoints AS SELECT * FROM ${name}.checkpoints`);
  return async () => {
    for (const table of tables) {
      await under.pool.query(`DELETE FROM projections.${table} WHERE build = $1`, [name]);
      await under.pool.query(`INSERT INTO projections.${table} SELECT * FROM ${name}.kept_${table}`);
    }
    await under.pool.query(`TRUNCATE ${name}.checkpoints`);
    await under.pool.query(`INSERT INTO ${name}.checkpoints SELECT * FROM ${name}.kept_checkpoints`);
  };
}

test("23c: a build ends when Postgres is restored to before events that it has parked, the first of a key or a later one", async () => {
  poison = "poison000000";
  const later = [removed(3n, "lin"), added(4n, "wang")];
  const park = (build: Build) => patiently(build, -1n, [added(1n, "wang"), added(2n, "lin", poison)]);
  const lost = [
    // The backup is from before the key was parked, or before its second event.
    { known: async () => {}, since: park },
    { known: park, since: (build: Build) => patiently(build, 2n, later) },
    { known: async () => {}, since: (build: Build) => park(build).then(() => patiently(build, 2n, later)) },
  ];
  for (const { known, since } of lost) {
    const build = await newBuild();
    await known(build);
    const restore = await backUp(build);
    await since(build);
    expect((await under.store.checkpoints(build)).length).toBe(1);
    await restore();
    const attempts = [
      () => under.store.checkpoints(build),
      () => apply(build, 4n, [added(5n, "zhao")]),
      () => under.store.inPartition(build, 0, async (session) => session.park([])),
      () => under.store.snapshot(build, async () => {}),
    ];
    for (const attempt of attempts) {
      const error = await attempt().catch((thrown: unknown) => thrown);
      expect(String(error)).toContain("Postgres went back");
      expect(under.store.isLost(error)).toBe(true);
      expect(under.store.classify(error)).toBe("fault");
    }
  }
  poison = "";
});

test("23c: a build goes on when the restored Postgres has all that it parked, and over checkpoints without a version", async () => {
  poison = "poison000000";
  const build = await newBuild();
  await patiently(build, -1n, [added(1n, "wang"), added(2n, "lin", poison)]);
  const restore = await backUp(build);
  await apply(build, 2n, [added(3n, "wang")]);
  await restore();
  expect(await under.store.checkpoints(build)).toMatchObject([{ ...point(3n), parkedKeys: 1 }]);
  poison = "";
  // A document as releases before wrote it.
  const id = "~checkpoint-0";
  const { _source } = await under.client.get<{ engine: object }>({ index: under.indexOf(build), id });
  expect(_source?.engine).toMatchObject({ numbers: { parkedVersion: "1" } });
  const document = { engine: { ..._source?.engine, numbers: undefined } };
  await under.client.index({ index: under.indexOf(build), id, version: 3, version_type: "external_gte", document });
  await under.pool.query(`UPDATE ${build.name}.checkpoints SET parked_version = 0`);
  await apply(build, 3n, [added(4n, "wang")]);
  expect(await under.tally(build)).toEqual({ wang: 3 });
});

/** A live build with a row of its own, and another that would follow it. */
async function pair() {
  const readModel = newModel();
  const old = await under.add(readModel);
  await apply(old, -1n, [added(5n, "old")]);
  await under.store.takeOver(old, undefined, async () => true);
  const next = await under.add(readModel);
  await apply(next, -1n, [added(5n, "next")]);
  return { readModel, old, next };
}
const shown = async (build: Build) =>
  Object.keys(await under.client.indices.getAlias({ name: under.aliasOf(build.readModel) }));
const liveOf = async (build: Build) =>
  (await under.catalog.buildsOf(build.readModel)).filter(({ state }) => state === "live").map(({ name }) => name);

test("24: nothing is written into the old index while it is compared, with documents that have no checkpoint too", async () => {
  const { old, next } = await pair();
  await expect(apply(old, 5n, [added(9n, "old")], dying(isBulk("checkpoint")))).rejects.toThrow(Crash);
  const taken = under.store.takeOver(next, old, async (highest) => {
    expect(highest).toBe(9n);
    const error = await apply(old, 5n, [added(9n, "old"), added(10n, "late")]).catch((thrown: unknown) => thrown);
    expect(under.store.classify(error)).toBe("fault");
    return false;
  });
  expect(await taken).toBe(false);
  expect(await apply(old, 5n, [added(9n, "old"), added(10n, "late")])).toMatchObject({ outcome: "applied" });
  expect(await under.tally(old)).toEqual({ old: 2, late: 1 });
});

test("24: an old index that may still be written to is not compared", async () => {
  const { old, next } = await pair();
  const client = under.clientWith();
  // The answer of a server while writes are still in flight.
  client.indices.addBlock = (async () => {
    const indices = [{ name: under.indexOf(old), blocked: false }];
    return { acknowledged: true, shards_acknowledged: false, indices };
  }) as unknown as typeof client.indices.addBlock;
  const { pool, prefix } = under;
  const store = createElasticsearchStore({ pool, client, prefix, numbers: {}, now: () => new Date() });
  await expect(store.takeOver(next, old, async () => true)).rejects.toThrow("may still be written to");
  expect([await shown(old), await liveOf(old)]).toEqual([[under.indexOf(old)], [old.name]]);
  expect(await apply(old, 5n, [added(6n, "old")])).toMatchObject({ outcome: "applied" });
});

test("24: a take-over that died after its block is finished by the next one, or lifted when the old build is opened", async () => {
  const { old, next } = await pair();
  const died = dying((request) => request.includes("_block/write"), "after");
  await expect(died.takeOver(next, old, async () => true)).rejects.toThrow(Crash);
  await expect(apply(old, 5n, [added(6n, "old")])).rejects.toThrow();
  expect([await shown(old), await liveOf(old)]).toEqual([[under.indexOf(old)], [old.name]]);
  await under.store.open(old);
  expect(await apply(old, 5n, [added(6n, "old")])).toMatchObject({ outcome: "applied" });
  await expect(died.takeOver(next, old, async () => true)).rejects.toThrow(Crash);
  expect(await under.store.takeOver(next, old, async () => true)).toBe(true);
  expect([await shown(next), await liveOf(next)]).toEqual([[under.indexOf(next)], [next.name]]);
});

test("24: a take-over that died when the alias had moved is finished by the next one, or undone", async () => {
  const { old, next } = await pair();
  const died = () => dying((request) => request.includes("_aliases"), "after");
  await expect(died().takeOver(next, old, async () => true)).rejects.toThrow(Crash);
  expect([await shown(next), await liveOf(next)]).toEqual([[under.indexOf(next)], [old.name]]);
  expect(await under.store.takeOver(next, old, async () => false)).toBe(false);
  expect([await shown(next), await liveOf(next)]).toEqual([[under.indexOf(old)], [old.name]]);
  await expect(died().takeOver(next, old, async () => true)).rejects.toThrow(Crash);
  await under.store.open(old);
  expect(await shown(next)).toEqual([under.indexOf(old)]);
  await expect(died().takeOver(next, old, async () => true)).rejects.toThrow(Crash);
  expect(await under.store.takeOver(next, old, async () => true)).toBe(true);
  expect([await shown(next), await liveOf(next)]).toEqual([[under.indexOf(next)], [next.name]]);
});

test("24: a live build whose alias was lost is shown again when it is opened; one that is not live is not", async () => {
  const model = newModel();
  const live = await under.add(model);
  const alias = under.aliasOf(model);
  const shownBy = async () =>
    (await under.client.indices.existsAlias({ name: alias })) &&
    Object.keys(await under.client.indices.getAlias({ name: alias }));
  expect(await under.store.takeOver(live, undefined, async () => true)).toBe(true);
  await under.client.indices.deleteAlias({ index: under.indexOf(live), name: alias });
  const next = await under.add(model);
  await under.store.open(next);
  expect(await shownBy()).toBe(false);
  await under.store.open(live);
  expect(await shownBy()).toEqual([under.indexOf(live)]);
});

test("24: a build is not lost because the one before was dropped when the alias was to move", async () => {
  const { old, next } = await pair();
  let dropped = false;
  const store = under.storeWith({
    async before(request) {
      if (!request.startsWith("POST /_aliases") || dropped) return;
      dropped = true;
      await under.client.indices.delete({ index: under.indexOf(old) });
    },
  });
  expect(await store.takeOver(next, old, async () => true)).toBe(true);
  expect([dropped, await shown(next), await liveOf(next)]).toEqual([true, [under.indexOf(next)], [next.name]]);
  await under.client.indices.delete({ index: under.indexOf(next) });
  const after = await under.add(next.readModel);
  await under.client.indices.delete({ index: under.indexOf(after) });
  const error = await under.store.takeOver(after, undefined, async () => true).catch((thrown: unknown) => thrown);
  expect(under.store.isLost(error)).toBe(true);
});

test("24c: what a checkpoint stands for is found once the build is refreshed, and not before", async () => {
  const build = await newBuild();
  await apply(build, -1n, [added(1n, "lin")]);
  const found = async () =>
    (await under.client.count({ index: under.indexOf(build), query: { term: { reader: "lin" } } })).count;
  expect(await found()).toBe(0);
  await under.store.refresh(build);
  expect(await found()).toBe(1);
});
