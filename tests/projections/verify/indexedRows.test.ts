import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EventStore } from "../../../src/event-store/types.ts";
import { fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { EngineIndex, ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { compareStored } from "../../../src/projections/engine/verify/compareStored.ts";
import { type VerifyScope, verifyBuild } from "../../../src/projections/engine/verify/verifyBuild.ts";
import { createTrialStore } from "../../../src/projections/stores/postgres/trialStore.ts";
import { type Logged, logOf } from "../../replay/memoryLog.ts";
import { codec, logger, quick } from "../fixtures.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "../stores/indexStore.ts";

// Verify and compare for the documents of an index, which are all that a search reads.

const add = (reader: string, bookId: string): Logged => [
  `shelf-${reader}`,
  { type: "BookAddedToShelf", data: { bookId } },
];
const remove = (reader: string, bookId: string): Logged => [
  `shelf-${reader}`,
  { type: "BookRemovedFromShelf", data: { bookId } },
];
const life = [
  add("a", "hongloumeng1"),
  add("b", "shuihuzhuan1"),
  add("a", "xiyouji00001"),
  add("c", "sanguoyanyi1"),
  remove("c", "sanguoyanyi1"),
];
const sound = { differences: 0, found: [] };

/** A tally whose documents also have the time of their numbers. */
const tally = withDocument(indexedTallyOf("searched"), ({ reader_id, added }, { heat, asOf }) => ({
  reader: reader_id,
  added,
  heat,
  heatAsOf: asOf.toISOString(),
}));

function withDocument(readModel: ReadModel, document: EngineIndex["document"]): ReadModel {
  if (readModel.index === undefined) throw new Error("no index");
  const properties = { ...readModel.index.mappings.properties, heatAsOf: { type: "date" } };
  return { ...readModel, index: { ...readModel.index, mappings: { properties }, document } };
}

let under: IndexStore;
let eventStore: EventStore;
beforeAll(async () => {
  const heat = new Map([["a", { heat: 2.5 }]]);
  under = await freshIndexStore({ searched: { of: async () => heat, all: async () => heat } });
  eventStore = (await logOf(life)) as unknown as EventStore;
});
afterAll(() => under?.close());

const fill = async (build: Build, store = under.store) => {
  const catalog = { reportProgress: async () => {}, forgetFillStarts: async () => {}, list: async () => [] };
  const deps = { store, catalog, eventStore, codec, logger, timing: quick };
  expect(await fillBuild(deps, build, new AbortController().signal)).toBe("filled");
  return { build, store };
};
let build: Build;
beforeEach(async () => {
  build = (await fill(await under.add(tally, 2))).build;
});

const verify = async (scope: VerifyScope = { kind: "all" }, of = build) => {
  const { differences, found } = await verifyBuild({ store: under.store, eventStore, codec }, of, scope);
  return { differences, found };
};
/** Changes fields of a document like another program; undefined removes one. */
const change = async (id: string, fields: Record<string, unknown>, of = build) => {
  const index = under.indexOf(of);
  const { _source } = await under.client.get<Record<string, unknown>>({ index, id });
  await under.client.index({ index, id, document: { ..._source, ...fields } });
};
const engineOf = async (id: string) =>
  (await under.client.get<{ engine: Record<string, unknown> }>({ index: under.indexOf(build), id }))._source?.engine;

test("documents as they were written have no difference, by all keys, some, or a sample", async () => {
  expect(await verify()).toEqual(sound);
  expect(await verify({ kind: "keys", keys: ["a", "c"] })).toEqual(sound);
  expect(await verify({ kind: "sample", size: 2, seed: "s" })).toEqual(sound);
});

test("a searched field that is wrong is a difference, although the row is right", async () => {
  await change("a", { added: 7, heat: undefined });
  await change("b", { heatAsOf: "2001-01-01T00:00:00.000Z" });
  const columns = (found: Awaited<ReturnType<typeof verify>>["found"]) =>
    found.map(({ kind, table, key, columns }) => [kind, table, key, columns.map(({ column }) => column)]);
  const of = { a: ["different", "tallies", ["a"], ["document.added", "document.heat"]] };
  const verified = await verify();
  expect(verified.differences).toBe(2);
  expect(columns(verified.found)).toEqual(
    expect.arrayContaining([of.a, ["different", "tallies", ["b"], ["document.heatAsOf"]]]),
  );
  const [{ columns: [first, second] = [] } = {}] = (await verify({ kind: "keys", keys: ["a"] })).found;
  expect(first).toEqual({ column: "document.added", expected: 2, found: 7 });
  expect(second).toEqual({ column: "document.heat", expected: 2.5, found: undefined });
});

test("so is what the engine finds a document by, its id, or a document that a search finds beside the rows", async () => {
  await change("a", { engine: { ...(await engineOf("a")), key: "z" } });
  const index = under.indexOf(build);
  const { _source } = await under.client.get({ index, id: "b" });
  await under.client.delete({ index, id: "b" });
  await under.client.index({ index, id: "moved", document: _source });
  await under.client.index({ index, id: "alien", document: { reader: "alien", added: 1 } });
  await change("c", { reader: "c" });
  const { differences, found } = await verify();
  expect(differences).toBe(4);
  expect(
    found.map(({ kind, table, key, columns, detail }) => [kind, table, key, columns[0]?.column ?? detail]),
  ).toEqual(
    expect.arrayContaining([
      ["different", "tallies", ["a"], "document.engine.key"],
      ["different", "tallies", ["b"], "document._id"],
      ["unexpected", null, ["alien"], "a document of no row, which a search may find"],
      ["unexpected", null, ["c"], "a document of no row, which a search may find"],
    ]),
  );
});

test("a changed `document` without another version is found", async () => {
  const changed = withDocument(tally, (row, numbers) => ({ ...tally.index?.document(row, numbers), added: 0 }));
  const { differences, found } = await verify({ kind: "all" }, { ...build, readModel: changed });
  expect(differences).toBe(2);
  expect(found[0]?.columns).toEqual([{ column: "document.added", expected: 0, found: expect.any(Number) }]);
  const refused = withDocument(tally, () => ({ unmapped: 1 }));
  const none = await verify({ kind: "keys", keys: ["a"] }, { ...build, readModel: refused });
  expect(none.found).toMatchObject([{ kind: "different", columns: [{ column: "document" }] }]);
});

test("in a document that does not name the time of its numbers, what depends on that time is left out, and nothing else", async () => {
  const engine = await engineOf("a");
  await change("a", { engine: { ...engine, numbers: { heat: 2.5 } }, heatAsOf: "2001-01-01T00:00:00.000Z" });
  expect(await verify()).toEqual(sound);
  await change("a", { added: 7 });
  expect((await verify()).found).toMatchObject([{ columns: [{ column: "document.added" }] }]);
});

test("builds are compared by their documents too, with each other and with a trial in Postgres", async () => {
  const first = { build, store: under.store };
  const second = await fill(await under.add(tally));
  const trial = await fill(
    { readModel: tally, number: 0, partitions: 1, name: `searched_trial` },
    createTrialStore(under.pool),
  );
  expect(await compareStored(first, second)).toMatchObject({ differences: 0n });
  expect(await compareStored(first, trial)).toMatchObject({ differences: 0n });
  await change("a", { added: 7 });
  const [column, right, wrong] = ["document.added", "2", "7"];
  const of = (columns: object) => ({ differences: 1n, found: [{ kind: "different", key: ["a"], columns: [columns] }] });
  expect(await compareStored(first, second)).toMatchObject(of({ column, first: wrong, second: right }));
  expect(await compareStored(trial, first)).toMatchObject(of({ column, first: right, second: wrong }));
});
