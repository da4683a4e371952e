import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DomainEvent } from "../../../src/domain/event.ts";
import type { RecordedEvent } from "../../../src/event-store/types.ts";
import { applyBatch } from "../../../src/projections/engine/apply/applyBatch.ts";
import {
  defaultFillLimits,
  type FillLimits,
  fillBuild,
} from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { library } from "../../../src/projections/library/library.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { batchOf, codec, keyed, logger, recorded } from "../fixtures.ts";
import { catalogued, chaptersPublished, published } from "../libraryEvents.ts";
import { freshStore, type Store } from "../store.ts";
import { finishedLog } from "./finishedLog.ts";

const partitions = 3;
const runs = Number(process.env.TEST_RUNS ?? 8);

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const reader = fc.constantFrom("ann", "bob", "cao", "dan");
const bookId = fc.constantFrom("hongloumeng0", "xiyouji00000", "sanguoyanyi0");
const bookIds = fc.uniqueArray(bookId, { minLength: 1 });
const group = fc.constantFrom("bedtime", "travel");
const shelfEvent: fc.Arbitrary<DomainEvent> = fc.oneof(
  ...["BookAddedToShelf", "BookRemovedFromShelf", "ShelfBookPinned", "ShelfBookUnpinned"].map((type) =>
    bookId.map((id) => ({ type, data: { bookId: id } })),
  ),
  fc.tuple(bookId, fc.option(group)).map(([id, into]) => ({
    type: "ShelfBookMovedToGroup",
    data: { bookId: id, group: into },
  })),
  fc.tuple(bookIds, fc.option(bookId)).map(([ids, after]) => ({
    type: "ShelfBooksReordered",
    data: { moves: [{ ids, after: after !== null && ids.includes(after) ? null : after, before: null }] },
  })),
  group.map((id) => ({ type: "ShelfGroupCreated", data: { group: id, name: "n" } })),
  fc.tuple(group, bookIds).map(([id, ids]) => ({ type: "ShelfGroupDeleted", data: { group: id, bookIds: ids } })),
);

/** Editions that are begun and replaced before they are published are what `BookPublished` wipes. */
const libraryEvent: fc.Arbitrary<DomainEvent> = fc.oneof(
  fc.constant(catalogued()),
  fc.constant(catalogued({ title: "石头记", subCategory: "世情" })),
  fc.constant<DomainEvent>({ type: "BookWithdrawn", data: { reason: "rights" } }),
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 }))
    .map(([edition, numbers]) => chaptersPublished(edition, numbers)),
  fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 4 }),
      fc.option(fc.integer({ min: 0, max: 6 })),
      fc.integer({ min: 1, max: 6 }),
    )
    .map(([edition, replaces, chaptersBefore, chapters]) =>
      published(edition, chapters, { replaces: Math.min(replaces, edition - 1), chaptersBefore }),
    ),
);

const inLog = (category: "shelf" | "book", id: fc.Arbitrary<string>, event: fc.Arbitrary<DomainEvent>) =>
  fc
    .array(fc.tuple(id, event), { maxLength: 60, size: "max" })
    .map((pairs) => pairs.map(([of, happened], index) => recorded(BigInt(10 * index), `${category}-${of}`, happened)));

const byFill = async (
  readModel: ReadModel,
  events: readonly RecordedEvent[],
  limits: FillLimits,
  breakOff: boolean,
) => {
  const build = await store.add(readModel, partitions);
  const { eventStore } = finishedLog(events);
  const dependencies = {
    store: store.store,
    catalog: store.catalog,
    eventStore,
    codec,
    logger,
    timing: { silence: 60_000, logLag: 100 },
  };
  if (breakOff) {
    const stop = new AbortController();
    const stopping = {
      ...store.store,
      fill: async (...args: Parameters<typeof store.store.fill>) => {
        const written = await store.store.fill(...args);
        stop.abort();
        return written;
      },
    };
    await fillBuild({ ...dependencies, store: stopping }, build, stop.signal, limits);
  }
  expect(await fillBuild(dependencies, build, new AbortController().signal, limits)).toBe("filled");
  return build;
};

/** Like workers: batches of some events, in order within a partition. */
const byBatches = async (readModel: ReadModel, events: readonly RecordedEvent[], size: number) => {
  const build = await store.add(readModel, partitions);
  for (let partition = 0; partition < partitions; partition++) {
    const own = keyed(build, events).filter(
      ({ key }) => key !== undefined && partitionOf(key, partitions) === partition,
    );
    let after = -1n;
    for (let start = 0; start < own.length; start += size) {
      const batch = batchOf(build, partition, after, own.slice(start, start + size));
      expect((await applyBatch(store.store, codec, build, batch)).outcome).toBe("applied");
      after = batch.upTo.position;
    }
  }
  return build;
};

const allRows = async (build: Build) => {
  const tables = Object.keys(build.readModel.tables);
  const rows = Object.fromEntries(await Promise.all(tables.map(async (name) => [name, await store.rows(build, name)])));
  await store.store.drop(build);
  return rows;
};

test.each([
  [shelf, inLog("shelf", reader, shelfEvent)] as const,
  [library, inLog("book", bookId, libraryEvent)] as const,
])(
  "$name: one fold, folds that spill and are broken off, and batches leave the same rows",
  async (readModel, log) => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(log, fc.integer({ min: 1, max: 12 }), fc.boolean(), async (events, bound, breakOff) => {
        const whole = await allRows(await byFill(readModel, events, defaultFillLimits, false));
        const small = { rows: bound, eventsAtOnce: 3 };
        expect(await allRows(await byFill(readModel, events, small, breakOff))).toEqual(whole);
        expect(await allRows(await byBatches(readModel, events, bound))).toEqual(whole);
        written += Object.values(whole).flat().length;
      }),
      { numRuns: runs },
    );
    expect(written).toBeGreaterThan(runs);
  },
  120_000,
);
