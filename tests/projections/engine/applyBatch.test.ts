import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyBatch } from "../../../src/projections/engine/apply/applyBatch.ts";
import type { Batch } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { library } from "../../../src/projections/library/library.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { added, batchOf, codec, point, recorded, tallyOf } from "../fixtures.ts";
import { catalogued, chaptersPublished, published } from "../libraryEvents.ts";
import { freshStore, intercepted, type Store } from "../store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

let builds = 0;
const newTally = () => store.build(tallyOf(`tally${++builds}`));
const apply = (build: Build, batch: Batch) => applyBatch(store.store, codec, build, batch);

describe("a batch", () => {
  test("is applied: its rows, and the position and id of its end as the partition's checkpoint", async () => {
    const build = await newTally();
    const batch = batchOf(build, 0, -1n, [added(3n, "a"), added(5n, "b"), added(8n, "a", "xiyouji00000")]);
    expect(await apply(build, batch)).toEqual({ outcome: "applied", parkedKeys: new Set() });
    expect(await store.rows(build, "tallies")).toEqual([
      { reader_id: "a", added: 2, last_book: "xiyouji00000" },
      { reader_id: "b", added: 1, last_book: "hongloumeng0" },
    ]);
    expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(8n), parkedKeys: 0 }]);
  });

  test("without events moves the checkpoint", async () => {
    const build = await newTally();
    const batch = { ...batchOf(build, 0, -1n, [added(4n, "a")]), events: [] };
    expect(await apply(build, batch)).toEqual({ outcome: "applied", parkedKeys: new Set() });
    expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(4n), parkedKeys: 0 }]);
  });

  test("that the checkpoint has passed is done already", async () => {
    const build = await newTally();
    const batch = batchOf(build, 0, -1n, [added(3n, "a"), added(5n, "a")]);
    await apply(build, batch);
    expect(await apply(build, batch)).toEqual({ outcome: "done", parkedKeys: new Set() });
    const earlier = batchOf(build, 0, -1n, [added(3n, "a")]);
    expect(await apply(build, earlier)).toEqual({ outcome: "done", parkedKeys: new Set() });
    expect(await store.tally(build)).toEqual({ a: 2 });
    expect(await store.positions(build)).toEqual([5n]);
  });

  test("that begins beyond the checkpoint is a gap, and nothing of it is applied", async () => {
    const build = await newTally();
    await apply(build, batchOf(build, 0, -1n, [added(3n, "a")]));
    expect(await apply(build, batchOf(build, 0, 5n, [added(7n, "a")]))).toEqual({
      outcome: "gap",
      parkedKeys: new Set(),
    });
    expect(await store.tally(build)).toEqual({ a: 1 });
    expect(await store.positions(build)).toEqual([3n]);
  });

  test("that begins before the checkpoint and ends beyond it gives only what lies above", async () => {
    const build = await newTally();
    await apply(build, batchOf(build, 0, -1n, [added(3n, "a"), added(5n, "a")]));
    const overlapping = batchOf(build, 0, 3n, [added(5n, "a"), added(7n, "a"), added(9n, "b")]);
    expect(await apply(build, overlapping)).toEqual({ outcome: "applied", parkedKeys: new Set() });
    expect(await store.tally(build)).toEqual({ a: 3, b: 1 });
    expect(await store.positions(build)).toEqual([9n]);
  });

  test("moves the checkpoint of its own partition only", async () => {
    const build = await store.build(tallyOf(`tally${++builds}`), 3);
    await apply(build, batchOf(build, 1, -1n, [added(3n, "a")]));
    expect(await store.positions(build)).toEqual([-1n, 3n, -1n]);
  });

  test("passes over types that the read model does not handle", async () => {
    const build = await newTally();
    const removed = recorded(4n, "shelf-a", { type: "BookRemovedFromShelf", data: { bookId: "hongloumeng0" } });
    expect(await apply(build, batchOf(build, 0, -1n, [added(3n, "a"), removed]))).toEqual({
      outcome: "applied",
      parkedKeys: new Set(),
    });
    expect(await store.tally(build)).toEqual({ a: 1 });
    expect(await store.positions(build)).toEqual([4n]);
  });

  test("that touches more rows than are written at once leaves what one by one would leave", async () => {
    const build = await store.build(library);
    const stream = "book-hongloumeng0";
    const numbers = (piece: number) => Array.from({ length: 500 }, (_, index) => piece * 500 + index + 1);
    const edition = (number: number) =>
      Array.from({ length: 7 }, (_, piece) => chaptersPublished(number, numbers(piece)));
    const happened = [catalogued(), ...edition(1), published(1, 3_500), ...edition(2), published(2, 3_500)];
    const events = happened.map((event, index) => recorded(BigInt(index), stream, event));
    expect(await apply(build, batchOf(build, 0, -1n, events))).toEqual({ outcome: "applied", parkedKeys: new Set() });
    expect(await store.rows(build, "books")).toMatchObject([{ edition: 2, chapters: 3_500, words: 350_000n }]);
    const chapters = await store.rows(build, "chapters");
    // The hash of a chapter begins with its edition.
    expect(chapters.map(({ sha256, no }) => `${String(sha256)[0]}.${no}`)).toEqual(
      Array.from({ length: 3_500 }, (_, index) => `2.${index + 1}`),
    );
    expect(await store.rows(build, "draft_chapters")).toEqual([]);
  });
});

test("a row that comes back in the batch that wiped it is there", async () => {
  const build = await store.build({ ...library, name: "wiped" });
  const happened = [
    chaptersPublished(1, [1, 2]),
    published(2, 0, { replaces: 0, changed: [] }),
    chaptersPublished(1, [2]),
  ];
  const events = happened.map((event, index) => recorded(BigInt(index), "book-hongloumeng0", event));
  await apply(build, batchOf(build, 0, -1n, events));
  expect((await store.rows(build, "draft_chapters")).map(({ edition, no }) => `${edition}.${no}`)).toEqual(["1.2"]);
});

describe("rows and checkpoint stand or fall together", () => {
  test("no rows without the checkpoint", async () => {
    const build = await newTally();
    const mend = await store.breakTable(build, "checkpoints");
    const batch = batchOf(build, 0, -1n, [added(3n, "a")]);
    await expect(apply(build, batch)).rejects.toThrow("this table is broken");
    expect(await store.tally(build)).toEqual({});
    await mend();
    expect(await apply(build, batch)).toEqual({ outcome: "applied", parkedKeys: new Set() });
    expect(await store.tally(build)).toEqual({ a: 1 });
  });

  test("no checkpoint without the rows", async () => {
    const build = await newTally();
    const mend = await store.breakTable(build, "tallies");
    const batch = batchOf(build, 0, -1n, [added(3n, "a")]);
    await expect(apply(build, batch)).rejects.toThrow("this table is broken");
    expect(await store.positions(build)).toEqual([-1n]);
    await mend();
    expect(await apply(build, batch)).toEqual({ outcome: "applied", parkedKeys: new Set() });
    expect(await store.positions(build)).toEqual([3n]);
  });
});

describe("the events of a parked key", () => {
  const parkFirst = (build: Build, position: bigint, key: string) =>
    store.store.inPartition(build, 0, async (session) => {
      await session.park([{ key, event: added(position, key), error: "no" }]);
      await session.advance(point(position));
    });

  test("are set aside in the batch's own transaction, in order; all others are folded", async () => {
    const build = await newTally();
    await parkFirst(build, 1n, "a");
    const events = [added(2n, "b"), added(3n, "a"), added(4n, "b"), added(5n, "a", "xiyouji00000")];
    expect(await apply(build, batchOf(build, 0, 1n, events))).toEqual({
      outcome: "applied",
      parkedKeys: new Set(["a"]),
    });
    expect(await store.tally(build)).toEqual({ b: 2 });
    const parked = await store.store.inPartition(build, 0, (session) => session.parked("a"));
    expect(parked).toEqual([
      { key: "a", event: added(1n, "a"), error: "no" },
      { key: "a", event: added(3n, "a"), error: null },
      { key: "a", event: added(5n, "a", "xiyouji00000"), error: null },
    ]);
    expect(await store.store.checkpoints(build)).toMatchObject([{ ...point(5n), parkedKeys: 1 }]);
  });

  test("are set aside undecoded: one of a later version does not stop the worker", async () => {
    const build = await newTally();
    await parkFirst(build, 1n, "a");
    const newer = { ...added(2n, "a"), metadata: { ...added(2n, "a").metadata, schemaVersion: 99 } };
    expect((await apply(build, batchOf(build, 0, 1n, [newer, added(3n, "b")]))).outcome).toBe("applied");
    expect(await store.tally(build)).toEqual({ b: 1 });
  });

  test("are not set aside twice by a batch that the checkpoint has passed in part", async () => {
    const build = await newTally();
    await parkFirst(build, 1n, "a");
    await apply(build, batchOf(build, 0, 1n, [added(2n, "a")]));
    await apply(build, batchOf(build, 0, -1n, [added(1n, "a"), added(2n, "a"), added(3n, "a"), added(4n, "b")]));
    const parked = await store.store.inPartition(build, 0, (session) => session.parked("a"));
    expect(parked.map(({ event, error }) => [event.position, error])).toEqual([
      [1n, "no"],
      [2n, null],
      [3n, null],
    ]);
    expect(await store.tally(build)).toEqual({ b: 1 });
  });

  test("neither are parked nor is the checkpoint moved when the rows cannot be written", async () => {
    const build = await newTally();
    await parkFirst(build, 1n, "a");
    const mend = await store.breakTable(build, "tallies");
    const batch = batchOf(build, 0, 1n, [added(2n, "a"), added(3n, "b")]);
    await expect(apply(build, batch)).rejects.toThrow("this table is broken");
    expect(await store.store.parked(build)).toMatchObject([{ key: "a", events: 1 }]);
    expect(await store.positions(build)).toEqual([1n]);
    await mend();
  });
});

describe("two workers on one partition", () => {
  test("lose no update: the checkpoint is locked before it is compared and before rows are read", async () => {
    const build = await newTally();
    const shorter = batchOf(build, 0, -1n, [added(1n, "a"), added(2n, "a"), added(3n, "a")]);
    const longer = batchOf(build, 0, -1n, [...shorter.events, added(4n, "a"), added(5n, "a")]);
    let statements = 0;
    let other: Promise<unknown> = Promise.resolve();
    // The first one stops after its first statement until the other one is done; while the lock is held, the other cannot finish.
    const stopping = intercepted(store.pool, async (text, run) => {
      if (text !== "BEGIN" && ++statements === 2) {
        other = apply(build, shorter);
        await Promise.race([other, sleep(300)]);
      }
      return run();
    });
    expect(await applyBatch(createPostgresStore(stopping), codec, build, longer)).toEqual({
      outcome: "applied",
      parkedKeys: new Set(),
    });
    expect(await other).toEqual({ outcome: "done", parkedKeys: new Set() });
    expect(await store.tally(build)).toEqual({ a: 5 });
    expect(await store.positions(build)).toEqual([5n]);
  });
});
