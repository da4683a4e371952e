import { afterAll, beforeAll, expect, test } from "vitest";
import { applyBatch } from "../../../src/projections/engine/apply/applyBatch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { NumbersSource } from "../../../src/projections/stores/elasticsearch/context.ts";
import { createNumbersRefresher } from "../../../src/projections/stores/elasticsearch/refreshNumbers.ts";
import { added, batchOf, codec } from "../fixtures.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "./indexStore.ts";

let heat: Record<string, number> = {};
const all = () => new Map(Object.entries(heat).map(([key, value]) => [key, { heat: value }]));
const source: NumbersSource = {
  of: async (keys) => new Map([...all()].filter(([key]) => keys.includes(key))),
  all: async () => all(),
};

let under: IndexStore;
beforeAll(async () => {
  under = await freshIndexStore({ numbered: source });
});
afterAll(() => under.close());

const apply = (build: Build, after: bigint, events: Parameters<typeof batchOf>[3]) =>
  applyBatch(under.store, codec, build, batchOf(build, 0, after, events));
const documentsOf = async (build: Build) => {
  await under.store.refresh(build);
  const { hits } = await under.client.search<{ reader: string; added: number; heat: number }>({
    index: under.indexOf(build),
    query: { exists: { field: "reader" } },
    sort: ["reader"],
    version: true,
  });
  return hits.hits.map(({ _source, _version }) => [_source?.reader, _source?.added, _source?.heat, _version]);
};

test("numbers are written with a document, and brought up to date under its version, without an event", async () => {
  heat = { lin: 3 };
  const build = await under.add(indexedTallyOf("numbered"));
  const context = { ...under, client: under.client, numbers: { numbered: source }, now: () => new Date() };
  const refresh = createNumbersRefresher(context);
  await apply(build, -1n, [added(4n, "lin"), added(5n, "wang")]);
  expect(await documentsOf(build)).toEqual([
    ["lin", 1, 3, 4],
    ["wang", 1, 0, 5],
  ]);
  expect(await refresh(build)).toBe(0);
  heat = { wang: 1.5 };
  expect(await refresh(build)).toBe(2);
  expect(await documentsOf(build)).toEqual([
    ["lin", 1, 0, 4],
    ["wang", 1, 1.5, 5],
  ]);
  expect(await refresh(build)).toBe(0);
  // A row written by an event has the numbers of that time, and counts as before.
  heat = { wang: 2 };
  await apply(build, 5n, [added(7n, "wang")]);
  expect(await documentsOf(build)).toEqual([
    ["lin", 1, 0, 4],
    ["wang", 2, 2, 7],
  ]);
  expect(await under.tally(build)).toEqual({ lin: 1, wang: 2 });
});

test("a refresh that was overtaken by an event leaves what the event wrote", async () => {
  heat = {};
  const readModel = { ...indexedTallyOf("numbered"), version: 2 };
  const build = await under.add(readModel);
  await apply(build, -1n, [added(1n, "lin")]);
  let overtaken = false;
  const late = createNumbersRefresher({
    pool: under.pool,
    prefix: under.prefix,
    numbers: { numbered: source },
    now: () => new Date(),
    client: under.clientWith({
      async before(request) {
        if (!request.includes("_bulk") || overtaken) return;
        overtaken = true;
        await apply(build, 1n, [added(2n, "lin")]);
      },
    }),
  });
  heat = { lin: 9 };
  expect(await late(build)).toBe(0);
  expect(overtaken).toBe(true);
  expect(await documentsOf(build)).toEqual([["lin", 2, 9, 2]]);
});

test("timers fire while documents are made", async () => {
  const count = 300;
  const readModel = indexedTallyOf("numbered");
  const { index } = readModel;
  if (index === undefined) throw new Error("no index");
  let turns = 0;
  const turnsAtDocuments = new Set<number>();
  const document: typeof index.document = (row, numbers) => {
    turnsAtDocuments.add(turns);
    for (const until = performance.now() + 2; performance.now() < until; );
    return index.document(row, numbers);
  };
  const build = await under.add({ ...readModel, index: { ...index, document } });
  heat = {};
  const readers = Array.from({ length: count }, (_, number) => `reader${number}`);
  await apply(
    build,
    -1n,
    readers.map((reader, number) => added(BigInt(number), reader)),
  );
  heat = Object.fromEntries(readers.map((reader) => [reader, 1]));
  turnsAtDocuments.clear();
  const timer = setInterval(() => turns++, 1);
  try {
    const context = { ...under, client: under.client, numbers: { numbered: source }, now: () => new Date() };
    expect(await createNumbersRefresher(context)(build)).toBe(count);
  } finally {
    clearInterval(timer);
  }
  expect(turnsAtDocuments.size).toBeGreaterThan(count / 50);
});
