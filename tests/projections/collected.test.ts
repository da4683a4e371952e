import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { collected } from "../../src/projections/collected/collected.ts";
import { applyBatch } from "../../src/projections/engine/apply/applyBatch.ts";
import { fillBuild } from "../../src/projections/engine/builds/fill/fillBuild.ts";
import { partitionOf } from "../../src/projections/engine/core/partition.ts";
import { verifyBuild } from "../../src/projections/engine/verify/verifyBuild.ts";
import { type Given, given } from "../support/readModel.ts";
import { finishedLog } from "./engine/finishedLog.ts";
import { batchOf, codec, keyed, logger, quick, recorded } from "./fixtures.ts";
import { freshStore, type Store } from "./store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const add = (reader: string, bookId: string): Given => [
  `shelf-${reader}`,
  { type: "BookAddedToShelf", data: { bookId } },
];
const remove = (reader: string, bookId: string): Given => [
  `shelf-${reader}`,
  { type: "BookRemovedFromShelf", data: { bookId } },
];
const erase = (reader: string): Given => [`account-${reader}`, { type: "ReaderErased", data: {} }];
const dream = "hongloumeng0";
/** In the other of two partitions. */
const west = ["xiyouji00000", "xiyouji00001", "xiyouji00002"].find(
  (id) => partitionOf(id, 2) !== partitionOf(dream, 2),
) as string;

const counts = (...events: readonly Given[]) => given(collected, ...events).rows("collected_books");

test("books are counted by the shelves that they lie on, each shelf once", () => {
  const events = [
    add("lin", dream),
    add("wang", dream),
    add("wang", west),
    remove("lin", dream),
    add("lin", dream),
    add("lin", dream),
    remove("wang", west),
    remove("wang", west),
  ];
  expect(counts(...events)).toEqual([{ book_id: dream, shelves: 2 }]);
});

test("a book that comes back by an undo counts again, once", () => {
  const back: Given = [
    "shelf-lin",
    { type: "BookReturnedToShelf", data: { bookId: dream, pinned: false, group: null, after: null, before: null } },
  ];
  const events = [add("lin", dream), add("wang", dream), remove("lin", dream), back, back];
  expect(counts(...events)).toEqual([{ book_id: dream, shelves: 2 }]);
});

describe("a reader who is erased", () => {
  const all = [
    add("lin", dream),
    add("wang", dream),
    add("lin", west),
    remove("lin", west),
    add("lin", west),
    remove("lin", dream),
    remove("lin", west),
    erase("lin"),
  ];
  const left = [{ book_id: dream, shelves: 1 }];

  test("counts for nothing, whatever of the events a scavenge has left", () => {
    const own = all.filter(([stream]) => stream === "shelf-lin");
    for (let kept = 0; kept < 2 ** own.length; kept++) {
      const gone = new Set(own.filter((_, index) => (kept & (1 << index)) === 0));
      const seen = given(collected, ...all.filter((event) => !gone.has(event)));
      expect(seen.rows("collected_books")).toEqual(left);
      expect(seen.rows("collecting_readers")).toEqual([{ book_id: dream, reader_id: "wang" }]);
    }
  });

  test("counts for nothing without the removals too, and may come back to life under no name", () => {
    expect(counts(add("lin", dream), add("lin", west), add("wang", west), erase("lin"), erase("lin"))).toEqual([
      { book_id: west, shelves: 1 },
    ]);
  });

  test("is found in each partition for itself: one that is behind has its rows as long as it needs them", async () => {
    const build = await store.build(collected, 2);
    const events = [
      add("lin", dream),
      add("lin", west),
      add("wang", dream),
      add("wang", west),
      remove("lin", dream),
      remove("lin", west),
      erase("lin"),
    ].map(([stream, event], index) => recorded(BigInt(index), stream, event));
    const partOf = (partition: number, from: bigint, to: bigint) => {
      const own = keyed(build, events).filter(
        ({ key, position }) =>
          position > from && position <= to && (key === undefined || partitionOf(key, 2) === partition),
      );
      return { ...batchOf(build, partition, from, events.slice(0, Number(to) + 1)), events: own };
    };
    const [early, late] = [partitionOf(dream, 2), partitionOf(west, 2)];
    await applyBatch(store.store, codec, build, partOf(late, -1n, 3n));
    await applyBatch(store.store, codec, build, partOf(early, -1n, 6n));
    expect(await store.rows(build, "collecting_readers")).toEqual([
      { book_id: dream, reader_id: "wang" },
      { book_id: west, reader_id: "lin" },
      { book_id: west, reader_id: "wang" },
    ]);
    const verify = (log = events) =>
      verifyBuild({ store: store.store, eventStore: finishedLog(log).eventStore, codec }, build, { kind: "all" });
    expect((await verify()).found).toEqual([]);
    await applyBatch(store.store, codec, build, partOf(late, 3n, 6n));
    expect(await store.rows(build, "collected_books")).toEqual([
      { book_id: dream, shelves: 1 },
      { book_id: west, shelves: 1 },
    ]);
    expect((await verify()).found).toEqual([]);
    // As in a rebuild after a scavenge.
    const scavenged = events.filter(({ stream }) => stream !== "shelf-lin");
    expect((await verify(scavenged)).found).toEqual([]);
  });

  test.each([1, 2, 3, 100])(
    "is forgotten by a fill of %i events a piece, before a scavenge and after",
    async (most) => {
      const readModel = { ...collected, name: `collected_by_${most}` };
      const written = all.map(([stream, event], index) => recorded(BigInt(index), stream, event as HeimaEvent));
      for (const log of [written, written.filter(({ stream }) => stream !== "shelf-lin")]) {
        const build = await store.add(readModel, 2);
        const { eventStore } = finishedLog(log);
        const deps = { store: store.store, catalog: store.catalog, eventStore, codec, logger, timing: quick };
        await fillBuild(deps, build, new AbortController().signal, { rows: most, eventsAtOnce: most });
        expect(await store.rows(build, "collected_books")).toEqual(left);
      }
    },
  );
});
