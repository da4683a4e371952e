import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyBatch } from "../../../src/projections/engine/apply/applyBatch.ts";
import { readCheckpoints } from "../../../src/projections/engine/checkpoints.ts";
import { library } from "../../../src/projections/library/library.ts";
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

describe("a batch", () => {
  test("is applied: its rows, and the position and id of its end as the partition's checkpoint", async () => {
    const build = await newTally();
    const batch = batchOf(build, 0, -1n, [added(3n, "a"), added(5n, "b"), added(8n, "a", "xiyouji00000")]);
    expect(await applyBatch(store.pool, codec, build, batch)).toBe("applied");
    expect(await store.rows(build, "tallies")).toEqual([
      { reader_id: "a", added: 2, last_book: "xiyouji00000" },
      { reader_id: "b", added: 1, last_book: "hongloumeng0" },
    ]);
    expect(await readCheckpoints(store.pool, build)).toEqual([point(8n)]);
  });

  test("without events moves the checkpoint", async () => {
    const build = await newTally();
    const batch = { ...batchOf(build, 0, -1n, [added(4n, "a")]), events: [] };
    expect(await applyBatch(store.pool, codec, build, batch)).toBe("applied");
    expect(await readCheckpoints(store.pool, build)).toEqual([point(4n)]);
  });

  test("that the checkpoint has passed is done already", async () => {
    const build = await newTally();
    const batch = batchOf(build, 0, -1n, [added(3n, "a"), added(5n, "a")]);
    await applyBatch(store.pool, codec, build, batch);
    expect(await applyBatch(store.pool, codec, build, batch)).toBe("done");
    const earlier = batchOf(build, 0, -1n, [added(3n, "a")]);
    expect(await applyBatch(store.pool, codec, build, earlier)).toBe("done");
    expect(await store.tally(build)).toEqual({ a: 2 });
    expect(await store.positions(build)).toEqual([5n]);
  });

  test("that begins beyond the checkpoint is a gap, and nothing of it is applied", async () => {
    const build = await newTally();
    await applyBatch(store.pool, codec, build, batchOf(build, 0, -1n, [added(3n, "a")]));
    expect(await applyBatch(store.pool, codec, build, batchOf(build, 0, 5n, [added(7n, "a")]))).toBe("gap");
    expect(await store.tally(build)).toEqual({ a: 1 });
    expect(await store.positions(build)).toEqual([3n]);
  });

  test("that begins before the checkpoint and ends beyond it gives only what lies above", async () => {
    const build = await newTally();
    await applyBatch(store.pool, codec, build, batchOf(build, 0, -1n, [added(3n, "a"), added(5n, "a")]));
    const overlapping = batchOf(build, 0, 3n, [added(5n, "a"), added(7n, "a"), added(9n, "b")]);
    expect(await applyBatch(store.pool, codec, build, overlapping)).toBe("applied");
    expect(await store.tally(build)).toEqual({ a: 3, b: 1 });
    expect(await store.positions(build)).toEqual([9n]);
  });

  test("moves the checkpoint of its own partition only", async () => {
    const build = await store.build(tallyOf(`tally${++builds}`), 3);
    await applyBatch(store.pool, codec, build, batchOf(build, 1, -1n, [added(3n, "a")]));
    expect(await store.positions(build)).toEqual([-1n, 3n, -1n]);
  });

  test("passes over types that the read model does not handle", async () => {
    const build = await newTally();
    const removed = recorded(4n, "shelf-a", { type: "BookRemovedFromShelf", data: { bookId: "hongloumeng0" } });
    expect(await applyBatch(store.pool, codec, build, batchOf(build, 0, -1n, [added(3n, "a"), removed]))).toBe(
      "applied",
    );
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
    expect(await applyBatch(store.pool, codec, build, batchOf(build, 0, -1n, events))).toBe("applied");
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
  await applyBatch(store.pool, codec, build, batchOf(build, 0, -1n, events));
  expect((await store.rows(build, "draft_chapters")).map(({ edition, no }) => `${edition}.${no}`)).toEqual(["1.2"]);
});

describe("rows and checkpoint stand or fall together", () => {
  test("no rows without the checkpoint", async () => {
    const build = await newTally();
    const mend = await store.breakTable(build, "checkpoints");
    const batch = batchOf(build, 0, -1n, [added(3n, "a")]);
    await expect(applyBatch(store.pool, codec, build, batch)).rejects.toThrow("this table is broken");
    expect(await store.tally(build)).toEqual({});
    await mend();
    expect(await applyBatch(store.pool, codec, build, batch)).toBe("applied");
    expect(await store.tally(build)).toEqual({ a: 1 });
  });

  test("no checkpoint without the rows", async () => {
    const build = await newTally();
    const mend = await store.breakTable(build, "tallies");
    const batch = batchOf(build, 0, -1n, [added(3n, "a")]);
    await expect(applyBatch(store.pool, codec, build, batch)).rejects.toThrow("this table is broken");
    expect(await store.positions(build)).toEqual([-1n]);
    await mend();
    expect(await applyBatch(store.pool, codec, build, batch)).toBe("applied");
    expect(await store.positions(build)).toEqual([3n]);
  });
});

describe("two workers on one partition", () => {
  test("lose no update: the checkpoint is locked before it is compared and before rows are read", async () => {
    const build = await newTally();
    const shorter = batchOf(build, 0, -1n, [added(1n, "a"), added(2n, "a"), added(3n, "a")]);
    const longer = batchOf(build, 0, -1n, [...shorter.events, added(4n, "a"), added(5n, "a")]);
    let statements = 0;
    let other: Promise<unknown> = Promise.resolve();
    // The one stops behind its first statement until the other is through; with the lock held, the other cannot be.
    const stopping = intercepted(store.pool, async (text, run) => {
      if (text !== "BEGIN" && ++statements === 2) {
        other = applyBatch(store.pool, codec, build, shorter);
        await Promise.race([other, sleep(300)]);
      }
      return run();
    });
    expect(await applyBatch(stopping, codec, build, longer)).toBe("applied");
    expect(await other).toBe("done");
    expect(await store.tally(build)).toEqual({ a: 5 });
    expect(await store.positions(build)).toEqual([5n]);
  });
});
