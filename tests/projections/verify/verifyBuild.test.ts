import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DomainEvent } from "../../../src/domain/event.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { LogMismatch } from "../../../src/projections/engine/log/logCheck.ts";
import { library } from "../../../src/projections/library/library.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { tallyOf } from "../fixtures.ts";
import { catalogued, chaptersPublished, published } from "../libraryEvents.ts";
import { freshStore, type Store } from "../store.ts";
import { anyShelfEvent, dice, type World, world } from "./world.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const readers = Array.from({ length: 12 }, (_, number) => `reader${number}`);
const add = (bookId: string): DomainEvent => ({ type: "BookAddedToShelf", data: { bookId } });
const [dream, west] = ["hongloumeng0", "xiyouji00000"] as const;
const sound = { differences: 0, found: [] };

describe("a shelf", () => {
  let build: Build;
  let here: World;
  beforeEach(async () => {
    await store.pool.query("DELETE FROM projections.builds");
    for (const name of ["shelf_v4", "shelf_v4_b1"]) await store.pool.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
    build = await store.build(shelf, 3);
    here = world(store);
    const roll = dice(7);
    for (let count = 0; count < 400; count++) {
      here.happens(`shelf-${readers[roll(readers.length)]}`, anyShelfEvent(roll));
    }
    here.happens("shelf-reader0", add(dream), {
      type: "ShelfGroupCreated",
      data: { group: "night0000000", name: "夜" },
    });
    await here.applyAll(build);
  });

  test("that is as the log says has no difference, and every row was looked at", async () => {
    const counted = await store.pool.query(
      `SELECT ${Object.keys(shelf.tables)
        .map((table) => `(SELECT count(*) FROM ${build.name}.${table})`)
        .join(" + ")} AS rows`,
    );
    expect(await here.verify(build)).toEqual({
      ...sound,
      keys: 12,
      rows: Number(counted.rows[0].rows),
      events: 402,
      passes: 1,
    });
  });

  test("what partitions have not applied yet is no difference, wherever each stands", async () => {
    for (let count = 0; count < 90; count++) here.happens(`shelf-${readers[count % 12]}`, anyShelfEvent(dice(count)));
    await here.applyTo(build, 0, 40);
    await here.applyTo(build, 2, 77);
    expect(await here.verify(build)).toMatchObject(sound);
  });

  test("a row that was changed is told with the columns", async () => {
    await store.pool.query(
      `UPDATE ${build.name}.shelf_books SET pinned = NOT pinned, added_at = added_at + interval '1 ms'
       WHERE reader_id = 'reader0' AND book_id = $1`,
      [dream],
    );
    const { differences, found } = await here.verify(build);
    expect(differences).toBe(1);
    expect(found).toEqual([
      {
        kind: "different",
        table: "shelf_books",
        key: ["reader0", dream],
        detail: null,
        columns: [
          { column: "added_at", expected: new Date(1_767_225_600_400), found: new Date(1_767_225_600_401) },
          { column: "pinned", expected: false, found: true },
        ],
      },
    ]);
  });

  test("null is no empty text, and a text is compared to the last character", async () => {
    await store.pool.query(
      `UPDATE ${build.name}.shelf_books SET group_id = '' WHERE reader_id = 'reader0' AND book_id = $1`,
      [dream],
    );
    await store.pool.query(`UPDATE ${build.name}.shelf_groups SET name = '夜 ' WHERE group_id = 'night0000000'`);
    const { found } = await here.verify(build);
    expect(found.map(({ table, columns }) => [table, columns])).toEqual([
      ["shelf_books", [{ column: "group_id", expected: null, found: "" }]],
      ["shelf_groups", [{ column: "name", expected: "夜", found: "夜 " }]],
    ]);
  });

  test("a row that was deleted, and one that was added", async () => {
    await store.pool.query(`DELETE FROM ${build.name}.shelf_books WHERE reader_id = 'reader0' AND book_id = $1`, [
      dream,
    ]);
    await store.pool.query(`INSERT INTO ${build.name}.shelf_groups VALUES ('nobody', 'g', '', 1, 'V')`);
    const { differences, found } = await here.verify(build);
    expect(differences).toBe(2);
    expect(found.map(({ kind, table, key }) => [kind, table, key])).toEqual([
      ["missing", "shelf_books", ["reader0", dream]],
      ["unexpected", "shelf_groups", ["nobody", "g"]],
    ]);
  });

  test("a checkpoint that stands past what was applied: every event between is missed", async () => {
    const [written] = here.happens("shelf-reader1", add(west));
    if (written === undefined) throw new Error("nothing was written");
    const partition = partitionOf("reader1", 3);
    await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = $1, event_id = $2 WHERE partition = $3`, [
      written.position,
      written.id,
      partition,
    ]);
    const { found } = await here.verify(build);
    expect(found.map(({ kind, key }) => [kind, key])).toEqual([["missing", ["reader1", west]]]);
  });

  test("a checkpoint of another log is refused", async () => {
    await store.pool.query(`UPDATE ${build.name}.checkpoints SET event_id = gen_random_uuid()::text`);
    await expect(here.verify(build)).rejects.toThrow(LogMismatch);
  });

  test("one key is looked at alone, out of its own streams", async () => {
    await store.pool.query(`UPDATE ${build.name}.shelf_books SET order_rank = order_rank || 'V'`);
    const before = here.log.openings.length;
    const { keys, found } = await here.verify(build, { kind: "keys", keys: ["reader0"] });
    expect(keys).toBe(1);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ key }) => key[0]))).toEqual(new Set(["reader0"]));
    expect(here.log.openings.length).toBe(before);
  });

  test("a sample is the same for a seed, another for another, and finds what is wrong with it, rows without events too", async () => {
    await store.pool.query(`UPDATE ${build.name}.shelf_books SET order_rank = order_rank || 'V'`);
    const all = await store.pool.query(`SELECT DISTINCT reader_id FROM ${build.name}.shelf_books`);
    const sampled = async (size: number, seed: string) => {
      const { keys, found } = await here.verify(build, { kind: "sample", size, seed });
      return { keys, readers: [...new Set(found.map(({ key }) => key[0]))].sort() };
    };
    const first = await sampled(4, "one");
    expect(first.keys).toBe(4);
    expect(await sampled(4, "one")).toEqual(first);
    const seeds = await Promise.all(["two", "three", "four"].map((seed) => sampled(4, seed)));
    expect(seeds.some(({ readers }) => readers.join() !== first.readers.join())).toBe(true);
    expect((await sampled(1_000, "one")).readers).toEqual(all.rows.map(({ reader_id }) => reader_id).sort());
    await store.pool.query(`INSERT INTO ${build.name}.shelf_groups VALUES ('nobody', 'g', '', 1, 'V')`);
    expect((await sampled(1_000, "one")).readers).toContain("nobody");
  });

  test("with little memory the log is read in passes, and the same is found", async () => {
    await store.pool.query(`UPDATE ${build.name}.shelf_books SET order_rank = order_rank || 'V'`);
    const once = await here.verify(build);
    const shares: number[] = [];
    const parts = await here.verify(build, undefined, {
      maxRows: 10,
      onProgress: ({ share }) => shares.push(share),
    });
    expect(parts.passes).toBeGreaterThan(3);
    expect(parts).toMatchObject({ keys: once.keys, rows: once.rows, differences: once.differences });
    expect(new Set(parts.found.map(({ key }) => key.join()))).toEqual(new Set(once.found.map(({ key }) => key.join())));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  test("all differences are counted, a hundred are kept", async () => {
    await store.pool.query(
      `INSERT INTO ${build.name}.shelf_groups SELECT 'nobody', 'g' || n, '', 1, 0 FROM generate_series(1, 250) AS n`,
    );
    const { differences, found } = await here.verify(build);
    expect([differences, found.length]).toEqual([250, 100]);
  });

  test("it can be stopped", async () => {
    await expect(here.verify(build, undefined, { stop: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
  });
});

test("library: editions, drafts that a later one wipes, and a text that UTF-8 cannot hold", async () => {
  const build = await store.build(library, 2);
  const here = world(store);
  here.happens(
    "book-hongloumeng0",
    catalogued({ title: "红楼梦\ud800" }),
    chaptersPublished(1, [1, 2]),
    published(1, 2),
  );
  here.happens("book-hongloumeng0", chaptersPublished(2, [1, 2, 3]), chaptersPublished(3, [1]));
  here.happens("book-hongloumeng0", published(3, 1, { replaces: 1 }));
  here.happens("book-xiyouji00000", catalogued(), chaptersPublished(1, [1]));
  await here.applyAll(build);
  expect(await here.verify(build)).toMatchObject({ ...sound, keys: 2 });
  expect(await here.verify(build, { kind: "keys", keys: ["xiyouji00000"] })).toMatchObject({ ...sound, rows: 2 });
  await store.pool.query(`UPDATE ${build.name}.books SET words = words + 1 WHERE book_id = 'hongloumeng0'`);
  const { found } = await here.verify(build);
  expect(found.map(({ columns }) => columns)).toEqual([[{ column: "words", expected: 100n, found: 101n }]]);
});

describe("parked keys", () => {
  const poison = "poison000000";
  let numbers = 0;
  let build: Build;
  let here: World;
  beforeEach(async () => {
    const readModel = tallyOf(`verified${numbers++}`, ({ data }) => {
      if ((data as { bookId: string }).bookId === poison) throw new Error("poison");
      return undefined;
    });
    build = await store.build(readModel, 2);
    here = world(store);
    for (const reader of readers) here.happens(`shelf-${reader}`, add(dream));
    here.happens("shelf-reader1", add(poison), add(west), add(dream));
    here.happens("shelf-reader2", add(west));
    await here.applyAll(build);
    expect(await store.store.parked(build)).toMatchObject([{ key: "reader1", events: 3 }]);
  });

  test("only what comes before the first parked event is folded", async () => {
    expect(await here.verify(build)).toMatchObject({ ...sound, keys: 12 });
    await store.pool.query(`UPDATE ${build.name}.tallies SET added = 3 WHERE reader_id = 'reader1'`);
    expect((await here.verify(build)).found).toMatchObject([
      { kind: "different", key: ["reader1"], columns: [{ column: "added", expected: 1, found: 3 }] },
    ]);
  });

  test("a skipped event is left out and the later ones are folded", async () => {
    const [parked] = await store.store.parked(build);
    here.happens("operations-projections", {
      type: "ParkedEventSkipped",
      data: {
        readModel: build.readModel.name,
        eventId: parked?.eventId,
        position: String(parked?.position),
        skippedBy: "lin",
        reason: "a test",
      },
    });
    // While the key is parked none of its events are folded.
    expect(await here.verify(build)).toMatchObject(sound);
    await store.store.inPartition(build, partitionOf("reader1", 2), async (session) => session.unpark("reader1"));
    expect((await here.verify(build)).found).toMatchObject(
      [{ kind: "different", key: ["reader1"], columns: [{ column: "added", expected: 3, found: 1 }, {}] }].map(
        ({ columns, ...rest }) => ({ ...rest, columns: columns.slice(0, 1) }),
      ),
    );
    await store.pool.query(`UPDATE ${build.name}.tallies SET added = 3 WHERE reader_id = 'reader1'`);
    expect(await here.verify(build)).toMatchObject(sound);
  });

  test("a checkpoint that counts other keys than are parked", async () => {
    const partition = partitionOf("reader1", 2);
    await store.pool.query(`UPDATE ${build.name}.checkpoints SET parked_keys = 0 WHERE partition = $1`, [partition]);
    expect((await here.verify(build)).found).toMatchObject([{ kind: "parked", key: [`partition ${partition}`] }]);
  });

  test("a parked event that is lost, and a key that is no longer parked", async () => {
    await store.pool.query("DELETE FROM projections.parked WHERE build = $1 AND error IS NULL AND position = 13", [
      build.name,
    ]);
    expect((await here.verify(build)).found).toMatchObject([
      { kind: "parked", key: ["reader1"], detail: "2 events are parked, the log has 3" },
    ]);
    await store.store.inPartition(build, partitionOf("reader1", 2), (session) => session.unpark("reader1"));
    expect((await here.verify(build)).found).toMatchObject([{ kind: "not_parked", key: ["reader1"] }]);
  });
});

test("rounds with writers at work find nothing", async () => {
  const readModel = { ...shelf, name: "shelf_at_work" };
  const build = await store.build(readModel, 3);
  const here = world(store);
  const roll = dice(20);
  let ended = false;
  const write = async () => {
    while (!ended) {
      for (let count = 0; count < 5; count++) here.happens(`shelf-${readers[roll(12)]}`, anyShelfEvent(roll));
      await here.applyTo(build, roll(3), 1 + roll(8));
    }
  };
  const writer = write();
  try {
    let moved = 0;
    // As many rounds as necessary: on a busy machine a round may end before the writers advanced.
    for (let round = 0; round < 20 || (moved <= 10 && round < 500); round++) {
      const before = (await store.positions(build)).join();
      expect(await here.verify(build, undefined, round % 4 === 3 ? { maxRows: 20 } : {})).toMatchObject(sound);
      if ((await store.positions(build)).join() !== before) moved++;
    }
    expect(moved).toBeGreaterThan(10);
  } finally {
    ended = true;
    await writer;
  }
});
