import { afterAll, beforeAll, expect, test } from "vitest";
import { fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { defineReadModel, type ReadModel, type Row } from "../../../src/projections/engine/core/declaration.ts";
import { keyText } from "../../../src/projections/engine/core/rowKeys.ts";
import type { Fill } from "../../../src/projections/engine/ports/readModelStore.ts";
import { createElasticsearchStore } from "../../../src/projections/stores/elasticsearch/store.ts";
import { finishedLog } from "../engine/finishedLog.ts";
import { added, codec, logger, point } from "../fixtures.ts";
import { intercepted } from "../store.ts";
import { freshIndexStore, type IndexStore, indexedTallyOf } from "./indexStore.ts";

let under: IndexStore;
beforeAll(async () => {
  under = await freshIndexStore();
});
afterAll(() => under.close());

/** More than fit into one bulk request. */
const many = 1_100;

let models = 0;
/** Visits of readers to rooms, whose documents first pass through `onDocument`. */
const visitsOf = (onDocument: (row: Row) => void): ReadModel =>
  defineReadModel({
    name: `filled${++models}`,
    version: 1,
    partitionKey: "reader",
    categories: ["shelf"],
    on: {},
    tables: { visits: { columns: { reader_id: "text", room: "text" }, primaryKey: ["reader_id", "room"] } },
    index: {
      settings: {},
      mappings: { properties: { reader: { type: "keyword" } } },
      document(row) {
        onDocument(row);
        return { reader: row.reader_id };
      },
    },
  });
const fillOf = ({ readModel }: Build, rows: readonly Row[]): Fill => {
  const table = readModel.tables.visits;
  if (table === undefined) throw new Error("no table visits");
  const changes = rows.map((row) => [keyText(table, row), { key: row, row, at: 10n }] as const);
  return {
    from: { position: -1n, eventId: "" },
    parkedVersions: [0n],
    changes: new Map([["visits", { wipes: [], rows: new Map(changes) }]]),
    parked: [],
    leftOut: [],
    upTo: point(10n),
  };
};
const visitOf = (index: number): Row => ({ reader_id: `reader${index}`, room: "hall" });

/** Only the written documents, without the checkpoints. */
const readersIn = async (build: Build) => {
  const index = under.indexOf(build);
  await under.client.indices.refresh({ index });
  const query = { exists: { field: "reader" } };
  const { hits } = await under.client.search<{ reader: string }>({ index, query, size: 10_000 });
  return hits.hits.map(({ _source }) => _source?.reader);
};

function busyFor(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

test("while its documents are made one by one, timers fire, the fence is held, and no more exist than a request has", async () => {
  let turns = 0;
  let holds = 0;
  let made = 0;
  const turnsAtDocuments = new Set<number>();
  const build = await under.add(
    visitsOf(() => {
      made++;
      turnsAtDocuments.add(turns);
      busyFor(2);
    }),
  );
  const atRequests: { made: number; holds: number }[] = [];
  const client = under.clientWith({
    before(request, body) {
      if (request.includes("_bulk") && body.includes('"kind":"row"')) atRequests.push({ made, holds });
    },
  });
  const pool = intercepted(under.pool, (text, run) => {
    if (text === "SELECT 1") holds++;
    return run();
  });
  const store = createElasticsearchStore({ pool, client, prefix: under.prefix, numbers: {}, now: () => new Date() });
  const timer = setInterval(() => turns++, 1);
  try {
    const rows = Array.from({ length: many }, (_, index) => visitOf(index));
    expect(await store.fill(build, fillOf(build, rows))).toBe("written");
  } finally {
    clearInterval(timer);
  }
  expect(turnsAtDocuments.size).toBeGreaterThan(many / 50);
  expect(atRequests.map((at) => at.made)).toEqual([1_000, many]);
  // A thousand documents took two seconds at least.
  expect(atRequests[0]?.holds).toBeGreaterThan(0);
  expect(await under.rows(build)).toHaveLength(many);
});

test("a batch makes its documents so, too", async () => {
  let turns = 0;
  const turnsAtDocuments = new Set<number>();
  const build = await under.add(
    visitsOf(() => {
      turnsAtDocuments.add(turns);
      busyFor(2);
    }),
  );
  const timer = setInterval(() => turns++, 1);
  try {
    const rows = Array.from({ length: 300 }, (_, index) => visitOf(index));
    await under.store.inPartition(build, 0, (session) => session.write(fillOf(build, rows).changes));
  } finally {
    clearInterval(timer);
  }
  expect(turnsAtDocuments.size).toBeGreaterThan(300 / 50);
});

test("a fill whose last request fails when it has parked events is done again, and parks no others", async () => {
  const tally = indexedTallyOf(`filled${++models}`, ({ data }) => {
    if ((data as { bookId: string }).bookId === "bad") throw new Error("poison");
  });
  const build = await under.add(tally);
  const { eventStore } = finishedLog([
    added(10n, "lin"),
    added(20n, "lin"),
    added(30n, "lin", "bad"),
    added(40n, "lin"),
    added(50n, "wang"),
  ]);
  let failures = 1;
  const store = under.storeWith({
    before(request, body) {
      if (!request.includes("_bulk") || !body.includes('"kind":"checkpoint"')) return;
      if (failures-- > 0) throw new Error("connection lost");
    },
  });
  const timing = { silence: 60_000, logLag: 100 };
  const fill = () =>
    fillBuild(
      { store, catalog: under.catalog, eventStore, codec, logger, timing },
      build,
      new AbortController().signal,
    );
  await expect(fill()).rejects.toThrow("connection lost");
  expect(await under.store.parkedKeys(build)).toMatchObject([{ key: "lin", position: 30n }]);
  expect(await fill()).toBe("filled");
  expect(await under.store.parked(build)).toMatchObject([{ key: "lin", position: 30n, events: 2 }]);
  expect(await under.tally(build)).toEqual({ lin: 2, wang: 1 });
});

test("a fill that is stopped while its documents are made ends then, and is done again", async () => {
  const stop = new AbortController();
  let made = 0;
  const tally = indexedTallyOf(`filled${++models}`);
  const { index } = tally;
  if (index === undefined) throw new Error("no index");
  const document: typeof index.document = (row, numbers) => {
    if (++made === 10) stop.abort();
    return index.document(row, numbers);
  };
  const build = await under.add({ ...tally, index: { ...index, document } });
  const log = finishedLog(Array.from({ length: 100 }, (_, number) => added(BigInt(number), `reader${number}`)));
  const { store, catalog } = under;
  const dependencies = {
    store,
    catalog,
    eventStore: log.eventStore,
    codec,
    logger,
    timing: { silence: 60_000, logLag: 100 },
  };
  expect(await fillBuild(dependencies, build, stop.signal)).toBe("stopped");
  expect(made).toBe(10);
  expect(await store.checkpoints(build)).toMatchObject([{ position: -1n }]);
  expect(await fillBuild(dependencies, build, new AbortController().signal)).toBe("filled");
  expect(await under.rows(build)).toHaveLength(100);
});

test("a row that cannot be stored keeps back the others of its key, and none that was written before it", async () => {
  const build = await under.add(
    visitsOf(({ room }) => {
      if (room === "poisoned") throw new Error("poison");
    }),
  );
  const rows = Array.from({ length: many }, (_, index) => visitOf(index));
  const what = fillOf(build, [visitOf(-1), ...rows, { reader_id: "reader-1", room: "poisoned" }, visitOf(many)]);
  const error = await under.store.fill(build, what).catch((thrown: unknown) => thrown);
  expect(under.store.classify(error)).toBe("refused");
  expect(await readersIn(build)).toEqual([]);
  const last = fillOf(build, [...rows, visitOf(-1), { reader_id: "reader-1", room: "poisoned" }]);
  await expect(under.store.fill(build, last)).rejects.toThrow("poison");
  const written = await readersIn(build);
  expect(written).toHaveLength(1_000);
  expect(written).not.toContain("reader-1");
  expect(await under.store.checkpoints(build)).toMatchObject([{ position: -1n }]);
});

test("what a refused segment wrote has seen its events: a smaller one parks none of them, and counts none twice", async () => {
  const poisons = new Set(["bad000000000"]);
  const tally = indexedTallyOf(`filled${++models}`);
  const { index } = tally;
  if (index === undefined) throw new Error("no index");
  const document: typeof index.document = (row, numbers) => {
    if (poisons.has(String(row.last_book))) throw new Error("poison");
    return index.document(row, numbers);
  };
  const build = await under.add({ ...tally, index: { ...index, document } });
  const others = Array.from({ length: many }, (_, number) => added(BigInt(100 + number), `reader${number}`));
  const log = finishedLog([
    // It is overwritten within the whole segment, but not within a smaller one.
    added(10n, "lin", "bad000000000"),
    ...others,
    added(4_000n, "lin"),
    added(5_000n, "wang", "bad000000000"),
    added(5_010n, "lin"),
  ]);
  const { store, catalog } = under;
  const dependencies = {
    store,
    catalog,
    eventStore: log.eventStore,
    codec,
    logger,
    timing: { silence: 60_000, logLag: 100 },
  };
  expect(await fillBuild(dependencies, build, new AbortController().signal)).toBe("filled");
  expect(await store.parked(build)).toMatchObject([{ key: "wang", position: 5_000n, events: 1 }]);
  const counted = await under.tally(build);
  expect(Object.keys(counted)).toHaveLength(many + 1);
  expect(counted).toMatchObject({ lin: 3, reader0: 1, [`reader${many - 1}`]: 1 });
});
