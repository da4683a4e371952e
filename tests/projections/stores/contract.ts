// Longer than most files: what each store of read models must do, in the order of its port.

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beforeTheLog } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { Changes, RowChange } from "../../../src/projections/engine/core/changes.ts";
import { defineReadModel, type ReadModel, type Row } from "../../../src/projections/engine/core/declaration.ts";
import { parkingKeyOf } from "../../../src/projections/engine/core/parkingKey.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { keyText } from "../../../src/projections/engine/core/rowKeys.ts";
import type { BuildCatalog } from "../../../src/projections/engine/ports/buildCatalog.ts";
import type { PartitionSession, ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { added, idAt, keyed, point, readersByPartition } from "../fixtures.ts";

/** A separate store for the test file, and operations that its port does not have. */
export type StoreUnderTest = {
  /** Whether it stores rows in an index. */
  readonly indexed?: true;
  readonly store: ReadModelStore;
  readonly catalog: BuildCatalog;
  /** The `visits` that queries of the read model's version read; undefined before a build was live. */
  readonly queried: (readModel: ReadModel) => Promise<readonly Row[] | undefined>;
  /** The same kind of store, its server out of reach. */
  readonly unreachable: ReadModelStore;
  readonly close: () => Promise<void>;
};

const visits = {
  columns: {
    reader_id: "text",
    room: "text",
    times: "int4",
    far: "int8",
    open: "bool",
    last_at: "timestamptz",
    note: "text?",
  },
  primaryKey: ["reader_id", "room"],
} as const;
const rooms = { columns: { reader_id: "text", name: "text" }, primaryKey: ["reader_id"] } as const;

const visitsOf = (name: string) =>
  defineReadModel({
    name,
    version: 1,
    partitionKey: "reader",
    categories: ["shelf"],
    on: {},
    tables: { visits, rooms },
  });

/** The same rows as documents of an index. */
const indexedVisitsOf = (name: string) =>
  defineReadModel({
    name,
    version: 1,
    partitionKey: "reader",
    categories: ["shelf"],
    on: {},
    tables: { visits },
    index: {
      settings: {},
      mappings: { properties: { reader: { type: "keyword" }, note: { type: "text" } } },
      document: ({ reader_id, note }) => ({ reader: reader_id, note }),
    },
  });

const visit = (reader_id: string, room = "hall", times = 1): Row => {
  return { reader_id, room, times, far: 2n ** 60n + 1n, open: true, last_at: new Date(1_767_225_600_123), note: null };
};

const nowhere = { position: beforeTheLog, eventId: "" };

/** What every store of read models must do. `freshStore` is called once, its `close` at the end. */
export function readModelStoreContract(name: string, freshStore: () => Promise<StoreUnderTest>): void {
  let under: StoreUnderTest;
  let store: ReadModelStore;
  beforeAll(async () => {
    under = await freshStore();
    store = under.store;
  });
  afterAll(() => under.close());

  let models = 0;
  const newModel = (): ReadModel => (under.indexed ? indexedVisitsOf : visitsOf)(`visits${++models}`);
  async function newBuild(partitions = 1, readModel: ReadModel = newModel()): Promise<Build> {
    const build = await under.catalog.add(readModel, partitions);
    if (build === undefined) throw new Error("the catalog added no build");
    await store.open(build);
    return build;
  }
  /** The changes of an event at a position: rows to write, keys to delete, wipes first. */
  function changesOf(
    build: Build,
    at: bigint,
    rows: readonly Row[],
    gone: readonly Row[] = [],
    wipes: readonly Row[] = [],
  ): Changes {
    const table = build.readModel.tables.visits;
    if (table === undefined) throw new Error("no table visits");
    const keyOf = ({ reader_id, room }: Row) => ({ reader_id, room });
    const entries: [string, RowChange][] = [
      ...rows.map((row) => [keyText(table, row), { key: keyOf(row), row, at }] satisfies [string, unknown]),
      ...gone.map((key) => [keyText(table, key), { key, row: null, at }] satisfies [string, unknown]),
    ];
    return new Map([["visits", { wipes: wipes.map((pattern) => ({ pattern, at })), rows: new Map(entries) }]]);
  }
  const write = (build: Build, partition: number, position: bigint, changes: Changes) =>
    store.inPartition(build, partition, async (session) => {
      await session.write(changes);
      await session.advance(point(position));
    });
  const byKey = (one: Row, other: Row) =>
    `${one.reader_id} ${one.room}` < `${other.reader_id} ${other.room}` ? -1 : 1;
  async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
    const found: Item[] = [];
    for await (const item of items) found.push(item);
    return found;
  }
  const rowsOf = (build: Build) =>
    store.snapshot(build, async (snapshot) => (await all(snapshot.rows("visits"))).sort(byKey));
  const versionsOf = async (build: Build) => (await store.checkpoints(build)).map(({ parkedVersion }) => parkedVersion);
  const parkedOf = (build: Build, partition: number, key: string) =>
    store.inPartition(build, partition, (session) => session.parked(key));
  const poison = (position: bigint, key: string, error: string | null = "no") => {
    return { key, event: added(position, key), error };
  };

  describe(`${name}: rows that are found by their values`, () => {
    test("are those of the session's own partition, as it has changed them", async () => {
      const build = await newBuild(2);
      const readers = ["reader0", "reader1", "reader2", "reader3"];
      await write(
        build,
        0,
        7n,
        changesOf(build, 7n, [...readers.map((id) => visit(id, "hall")), visit("reader0", "attic")]),
      );
      const hall = new Map([["visits", [{ room: "hall", times: 1 }]]]);
      const foundIn = (partition: number) =>
        store.inPartition(build, partition, async (session) => (await session.find(hall)).get("visits") ?? []);
      for (const partition of [0, 1]) {
        const own = readers.filter((id) => partitionOf(id, 2) === partition).map((id) => visit(id, "hall"));
        expect([...(await foundIn(partition))].sort(byKey)).toEqual(own);
      }
      const all = (await store.find(build, hall)).get("visits");
      expect([...(all?.values() ?? [])].sort(byKey)).toEqual(readers.map((id) => visit(id, "hall")));
      const [gone = "", changed = ""] = readers.filter((id) => partitionOf(id, 2) === 0);
      const after = await store.inPartition(build, 0, async (session) => {
        const changes = changesOf(build, 8n, [visit(changed, "hall", 2)], [{ reader_id: gone, room: "hall" }]);
        await session.write(changes);
        return (await session.find(hall)).get("visits") ?? [];
      });
      expect(after.map(({ reader_id }) => reader_id)).not.toContain(gone);
      expect(after.map(({ reader_id }) => reader_id)).not.toContain(changed);
      expect((await store.find(build, new Map([["visits", [{ room: "nowhere" }]]]))).get("visits")?.size).toBe(0);
    });
  });

  describe(`${name}: a build that is opened`, () => {
    test("has every checkpoint before the log, no rows and nothing parked", async () => {
      const build = await newBuild(3);
      expect(await store.checkpoints(build)).toMatchObject(
        Array.from({ length: 3 }, () => ({ ...nowhere, parkedKeys: 0, parkedVersion: 0n })),
      );
      expect(await rowsOf(build)).toEqual([]);
      expect(await store.parked(build)).toEqual([]);
    });

    test("again, and by ten at once, keeps what is in it", async () => {
      const build = await newBuild(2);
      const [, reader = ""] = readersByPartition(2);
      await write(build, 1, 7n, changesOf(build, 7n, [visit(reader)]));
      await Promise.all(Array.from({ length: 10 }, () => store.open(build)));
      expect(await store.checkpoints(build)).toMatchObject([nowhere, point(7n)]);
      expect(await rowsOf(build)).toEqual([visit(reader)]);
    });

    test("for the first time by ten at once is made once", async () => {
      const build = await under.catalog.add(newModel(), 2);
      if (build === undefined) throw new Error("the catalog added no build");
      await Promise.all(Array.from({ length: 10 }, () => store.open(build)));
      expect(await store.checkpoints(build)).toHaveLength(2);
    });
  });

  describe(`${name}: a session on a partition`, () => {
    test("moves its own checkpoint, to the last position that a log may have", async () => {
      const build = await newBuild(3);
      const far = 2n ** 63n - 1n;
      await store.inPartition(build, 1, (session) => session.advance(point(far)));
      expect(await store.checkpoints(build)).toMatchObject([nowhere, point(far), nowhere]);
    });

    test("is undone wholly when its work rejects: rows, parked events, checkpoint", async () => {
      const build = await newBuild(1);
      await write(build, 0, 1n, changesOf(build, 1n, [visit("a")]));
      await store.inPartition(build, 0, (session) => session.park([poison(2n, "kept")]));
      const failing = store.inPartition(build, 0, async (session) => {
        await session.write(changesOf(build, 9n, [visit("b")], [{ reader_id: "a", room: "hall" }]));
        await session.park([poison(3n, "new")]);
        await session.unpark("kept");
        await session.advance(point(9n));
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
      expect(await rowsOf(build)).toEqual([visit("a")]);
      expect(await store.checkpoints(build)).toMatchObject([{ ...point(1n), parkedKeys: 1 }]);
      expect((await store.parked(build)).map(({ key }) => key)).toEqual(["kept"]);
    });

    test("excludes another on the same partition, which then finds the first's checkpoint, rows and parked keys", async () => {
      const build = await newBuild(1);
      const happened: string[] = [];
      let second: Promise<unknown> = Promise.resolve();
      await store.inPartition(build, 0, async (session) => {
        second = store.inPartition(build, 0, async (later) => {
          happened.push(`second at ${later.checkpoint.position}`);
          const key = { reader_id: "a", room: "hall" };
          const loaded = await later.load(new Map([["visits", [key]]]));
          expect([...(loaded.rows.get("visits")?.values() ?? [])]).toEqual([visit("a")]);
          expect(await later.parkedKeys()).toEqual(new Map([["b", 4n]]));
        });
        await Promise.race([second, sleep(300)]);
        await session.write(changesOf(build, 5n, [visit("a")]));
        await session.park([poison(4n, "b")]);
        await session.advance(point(5n));
        happened.push("first done");
      });
      await second;
      expect(happened).toEqual(["first done", "second at 5"]);
    });

    test("holds up no session on another partition", async () => {
      const build = await newBuild(2);
      await store.inPartition(build, 0, async (session) => {
        await session.advance(point(5n));
        await store.inPartition(build, 1, (other) => other.advance(point(6n)));
        expect(await store.checkpoints(build)).toMatchObject([nowhere, point(6n)]);
      });
      expect(await store.checkpoints(build)).toMatchObject([point(5n), point(6n)]);
    });
  });

  describe(`${name}: rows`, () => {
    test("come back as they were written, every type of column; only those that are asked for", async () => {
      const build = await newBuild();
      const rows = [
        visit("a"),
        { ...visit("a", "attic"), note: '红楼 "quoted", \\N, {braces}\ttab\nline', open: false, times: -(2 ** 31) },
        { ...visit("b"), note: "", far: -(2n ** 63n) },
      ];
      await write(build, 0, 1n, changesOf(build, 1n, rows));
      expect(await rowsOf(build)).toEqual([...rows].sort(byKey));
      const keys = [
        { reader_id: "a", room: "attic" },
        { reader_id: "b", room: "nowhere" },
        { reader_id: "b", room: "hall" },
      ];
      const wanted = [rows[1], rows[2]];
      const outside = await store.load(build, new Map([["visits", keys]]));
      const inside = await store.inPartition(build, 0, (session) => session.load(new Map([["visits", keys]])));
      const table = build.readModel.tables.visits;
      for (const loaded of [outside, inside]) {
        expect([...loaded.rows.keys()]).toEqual(["visits"]);
        expect(loaded.rows.get("visits")).toEqual(
          new Map(wanted.map((row) => [table && row && keyText(table, row), row])),
        );
      }
    });

    test("are overwritten and deleted by key; a wipe takes what matches before rows are written", async () => {
      const build = await newBuild();
      await write(
        build,
        0,
        1n,
        changesOf(build, 1n, [visit("a", "1"), visit("a", "2"), visit("a", "3"), visit("b", "1")]),
      );
      await write(build, 0, 2n, changesOf(build, 2n, [visit("a", "1", 2)], [{ reader_id: "a", room: "2" }]));
      expect(await rowsOf(build)).toEqual([visit("a", "1", 2), visit("a", "3"), visit("b", "1")]);
      await write(build, 0, 3n, changesOf(build, 3n, [visit("a", "3", 5)], [], [{ reader_id: "a" }]));
      expect(await rowsOf(build)).toEqual([visit("a", "3", 5), visit("b", "1")]);
      await write(build, 0, 4n, changesOf(build, 4n, [], [], [{ reader_id: "a", room: "3" }, { reader_id: "b" }]));
      expect(await rowsOf(build)).toEqual([]);
    });

    test("that a session wrote are loaded by it, and by nobody else before it has ended", async () => {
      const build = await newBuild();
      const keys = new Map([["visits", [{ reader_id: "a", room: "hall" }]]]);
      await store.inPartition(build, 0, async (session) => {
        await session.write(changesOf(build, 1n, [visit("a")]));
        expect((await session.load(keys)).rows.get("visits")?.size).toBe(1);
        expect((await store.load(build, keys)).rows.get("visits")?.size).toBe(0);
      });
      expect((await store.load(build, keys)).rows.get("visits")?.size).toBe(1);
    });
  });

  describe(`${name}: parked events`, () => {
    test("are kept by partition and key, in the order of their positions, whatever the order they were parked in", async () => {
      const build = await newBuild(2);
      await store.inPartition(build, 1, async (session) => {
        await session.park([poison(5n, "b"), poison(3n, "a", "first"), poison(9n, "a", null)]);
        await session.park([poison(7n, "a", null)]);
        expect(await session.parked("a")).toEqual([
          poison(3n, "a", "first"),
          poison(7n, "a", null),
          poison(9n, "a", null),
        ]);
      });
      await store.inPartition(build, 0, (session) => session.park([poison(4n, "a", "elsewhere")]));
      expect(await parkedOf(build, 1, "b")).toEqual([poison(5n, "b")]);
      expect(await parkedOf(build, 0, "a")).toEqual([poison(4n, "a", "elsewhere")]);
      expect(await parkedOf(build, 0, "b")).toEqual([]);
      const seen = (session: PartitionSession) => session.parkedKeys();
      expect(await store.inPartition(build, 0, seen)).toEqual(new Map([["a", 4n]]));
      const both = new Map([
        ["a", 3n],
        ["b", 5n],
      ]);
      expect(await store.inPartition(build, 1, seen)).toEqual(both);
      expect((await store.checkpoints(build)).map(({ parkedKeys }) => parkedKeys)).toEqual([1, 2]);
      expect(await store.parked(build)).toEqual(
        [
          { partition: 1, key: "a", position: 3n, error: "first", events: 3 },
          { partition: 0, key: "a", position: 4n, error: "elsewhere", events: 1 },
          { partition: 1, key: "b", position: 5n, error: "no", events: 1 },
        ].map((parked) => {
          const { position, key } = parked;
          const stream = `shelf-${key}`;
          return { ...parked, eventId: idAt(position), type: "BookAddedToShelf", stream, since: expect.any(Date) };
        }),
      );
    });

    test("that are parked already stay as they are, and count once", async () => {
      const build = await newBuild();
      await store.inPartition(build, 0, (session) => session.park([poison(1n, "a", "first"), poison(2n, "a", null)]));
      await store.inPartition(build, 0, (session) => session.park([poison(1n, "a", "again"), poison(3n, "a", null)]));
      expect(await store.parked(build)).toMatchObject([{ key: "a", position: 1n, error: "first", events: 3 }]);
      expect((await parkedOf(build, 0, "a")).map(({ event }) => event.position)).toEqual([1n, 2n, 3n]);
    });

    test("of one key are taken out together; the other keys stay", async () => {
      const build = await newBuild(2);
      for (const partition of [0, 1]) {
        await store.inPartition(build, partition, (session) =>
          session.park([poison(1n, "a"), poison(2n, "a", null), poison(3n, "b")]),
        );
      }
      await store.inPartition(build, 0, async (session) => {
        await session.unpark("a");
        expect(await session.parked("a")).toEqual([]);
      });
      expect((await store.parked(build)).map(({ partition, key }) => [partition, key])).toEqual([
        [1, "a"],
        [0, "b"],
        [1, "b"],
      ]);
      expect((await store.checkpoints(build)).map(({ parkedKeys }) => parkedKeys)).toEqual([1, 2]);
    });

    test("that stay when others of their key go are parked since when they were, the first with its new error", async () => {
      const build = await newBuild();
      await store.inPartition(build, 0, (session) =>
        session.park([poison(1n, "a", "first"), poison(2n, "a", null), poison(3n, "a", null), poison(4n, "a", null)]),
      );
      const [before] = await store.parked(build);
      await sleep(20);
      await store.inPartition(build, 0, (session) =>
        session.unpark("a", [poison(2n, "a", "now"), poison(4n, "a", null)]),
      );
      expect(await parkedOf(build, 0, "a")).toEqual([poison(2n, "a", "now"), poison(4n, "a", null)]);
      const after = { ...before, eventId: idAt(2n), position: 2n, error: "now", events: 2 };
      expect(await store.parked(build)).toEqual([after]);
      expect(await store.parkedKeys(build)).toEqual([{ partition: 0, key: "a", eventId: idAt(2n), position: 2n }]);
    });

    test("raise the version of their partition when they come and when they are taken out, not when they are parked already", async () => {
      const build = await newBuild(2);
      const version = async (work: (session: PartitionSession) => Promise<void>) => {
        const [old = 0n, other] = await versionsOf(build);
        await store.inPartition(build, 0, work);
        const [now = 0n, still] = await versionsOf(build);
        expect(still).toBe(other);
        return now > old;
      };
      expect(await version((session) => session.park([poison(1n, "a")]))).toBe(true);
      expect(await version((session) => session.park([poison(2n, "a", null)]))).toBe(true);
      expect(await version((session) => session.park([poison(2n, "a", null)]))).toBe(false);
      expect(await version((session) => session.unpark("a", [poison(1n, "a"), poison(2n, "a", null)]))).toBe(true);
      expect(await version((session) => session.unpark("a"))).toBe(true);
      expect(await version((session) => session.unpark("a"))).toBe(false);
    });

    test("are listed page by page, a key at a time, in the order of positions and then partitions", async () => {
      const build = await newBuild(3);
      for (const partition of [2, 0, 1]) {
        await store.inPartition(build, partition, async (session) => {
          await session.park(Array.from({ length: 4 }, (_, index) => poison(BigInt(index), `key${index}`)));
          await session.park([poison(9n, "key0", null)]);
        });
      }
      const expected = [0n, 1n, 2n, 3n].flatMap((position) => [0, 1, 2].map((partition) => [position, partition]));
      const seen: unknown[] = [];
      let after: { position: bigint; partition: number } | undefined;
      for (let pages = 0; pages < 4; pages++) {
        const page = await store.parked(build, { after, limit: 5 });
        expect(page.length).toBeLessThanOrEqual(5);
        seen.push(...page.map(({ position, partition }) => [position, partition]));
        after = page.at(-1) ?? after;
      }
      expect(seen).toEqual(expected);
      expect((await store.parkedKeys(build)).map(({ position, partition }) => [position, partition])).toEqual(expected);
      expect((await store.parked(build, { limit: 1 }))[0]?.events).toBe(2);
    });

    test("of one build are not those of another", async () => {
      const readModel = newModel();
      const [one, other] = [await newBuild(1, readModel), await newBuild(1, readModel)];
      await store.inPartition(one, 0, (session) => session.park([poison(1n, "a")]));
      expect(await store.parked(other)).toEqual([]);
      expect(await parkedOf(other, 0, "a")).toEqual([]);
      await store.inPartition(other, 0, (session) => session.unpark("a"));
      expect(await store.parked(one)).toHaveLength(1);
    });

    const strange: readonly (readonly [what: string, key: string])[] = [
      ["NUL", "nul\u0000key"],
      ["a lone surrogate", "lone\ud800key"],
      ["4,000 characters", "0123456789abcdefghijklmnopqrstuvwxyz红楼梦!".repeat(100)],
      ["quotes and braces", "{\"quoted\",\\back,'single',NULL}"],
      ["nothing", ""],
    ];
    test.each(strange)("may have %s in key, data and error: the event comes back as it was", async (_, text) => {
      const build = await newBuild();
      const [event] = keyed(build, [{ ...added(1n, text), data: { bookId: text, deep: [text] } }]);
      if (event === undefined) throw new Error("no event");
      const { key: _key, ...parked } = event;
      const key = parkingKeyOf(event);
      await store.inPartition(build, 0, (session) => session.park([{ key, event: parked, error: `no: ${text}` }]));
      expect(await store.inPartition(build, 0, (session) => session.parkedKeys())).toEqual(new Map([[key, 1n]]));
      const [found] = await parkedOf(build, 0, key);
      expect(found?.event).toEqual(parked);
      expect(found?.error).toMatch(/^no: /);
      expect(await store.parked(build)).toMatchObject([{ key, stream: `shelf-${text}`, events: 1 }]);
      await store.inPartition(build, 0, (session) => session.unpark(key));
      expect(await store.parked(build)).toEqual([]);
    });
  });

  describe(`${name}: events that are left out`, () => {
    test("are known with what the session wrote, once each, and of this build alone; a session that is undone leaves none", async () => {
      const [build, other] = [await newBuild(2), await newBuild(2)];
      await store.inPartition(build, 0, (session) => session.park([poison(3n, "a")]));
      const leaving = (may: boolean) =>
        store.inPartition(
          build,
          0,
          async (session) => {
            await session.unpark("a");
            await session.leaveOut([idAt(3n), idAt(4n)]);
            await session.advance(point(5n));
            if (!may) throw new Error("changed my mind");
          },
          { mayRunTwice: true },
        );
      await expect(leaving(false)).rejects.toThrow("changed my mind");
      expect(await store.leftOut(build)).toEqual(new Set());
      await leaving(true);
      await leaving(true);
      expect(await store.leftOut(build)).toEqual(new Set([idAt(3n), idAt(4n)]));
      expect(await store.leftOut(other)).toEqual(new Set());
      expect(await store.checkpoints(build)).toMatchObject([{ ...point(5n), parkedKeys: 0 }, nowhere]);
    });
  });

  describe(`${name}: a fill`, () => {
    test("writes everything and moves every checkpoint, first into nothing and then on top of that", async () => {
      const build = await newBuild(3);
      const strange = { ...visit("c"), note: '\\N \\. "x"\t\r\n{,}红' };
      const changes = changesOf(build, 10n, [visit("a"), visit("a", "attic"), visit("b"), strange]);
      const first = {
        from: nowhere,
        parkedVersions: [0n, 0n, 0n],
        changes,
        parked: [{ ...poison(4n, "bad"), partition: 2 }],
        leftOut: [idAt(5n), idAt(6n)],
        upTo: point(10n),
      };
      expect(await store.fill(build, first)).toBe("written");
      expect(await rowsOf(build)).toEqual([visit("a", "attic"), visit("a"), visit("b"), strange].sort(byKey));
      expect(await store.checkpoints(build)).toMatchObject(
        [0, 0, 1].map((parkedKeys) => ({ ...point(10n), parkedKeys })),
      );
      expect(await parkedOf(build, 2, "bad")).toEqual([poison(4n, "bad")]);
      expect(await store.leftOut(build)).toEqual(new Set([idAt(5n), idAt(6n)]));

      const again = changesOf(
        build,
        20n,
        [visit("b", "hall", 2), visit("d")],
        [{ reader_id: "c", room: "hall" }],
        [{ reader_id: "a" }],
      );
      const parked = [
        { ...poison(12n, "bad", null), partition: 2 },
        { ...poison(13n, "worse"), partition: 0 },
      ];
      expect(
        await store.fill(build, {
          from: point(10n),
          changes: again,
          parked,
          leftOut: [],
          upTo: point(20n),
          parkedVersions: await versionsOf(build),
        }),
      ).toBe("written");
      expect(await rowsOf(build)).toEqual([visit("b", "hall", 2), visit("d")]);
      expect(await store.checkpoints(build)).toMatchObject(
        [1, 0, 1].map((parkedKeys) => ({ ...point(20n), parkedKeys })),
      );
      expect((await parkedOf(build, 2, "bad")).map(({ event }) => event.position)).toEqual([4n, 12n]);
    });

    test.each([
      ["at another position", { position: 11n, eventId: idAt(10n) }],
      ["at another event", { position: 10n, eventId: idAt(11n) }],
    ])("writes nothing and says so when one checkpoint is elsewhere: %s", async (_, elsewhere) => {
      const build = await newBuild(3);
      for (const partition of [0, 1, 2]) {
        const upTo = partition === 2 ? elsewhere : point(10n);
        await store.inPartition(build, partition, (session) => session.advance(upTo));
      }
      const before = await store.checkpoints(build);
      const fill = {
        from: point(10n),
        parkedVersions: [0n, 0n, 0n],
        changes: changesOf(build, 20n, [visit("a")]),
        parked: [{ ...poison(12n, "bad"), partition: 0 }],
        leftOut: [idAt(13n)],
        upTo: point(20n),
      };
      expect(await store.fill(build, fill)).toBe("moved");
      expect(await store.checkpoints(build)).toEqual(before);
      expect(await rowsOf(build)).toEqual([]);
      expect(await store.parked(build)).toEqual([]);
      expect(await store.leftOut(build)).toEqual(new Set());
    });

    test("writes nothing when parked events were taken out since: the rows that it was folded over have changed", async () => {
      const build = await newBuild(2);
      await store.inPartition(build, 1, (session) => session.park([poison(1n, "a"), poison(2n, "a", null)]));
      const parkedVersions = await versionsOf(build);
      await store.inPartition(build, 1, (session) => session.unpark("a", [poison(2n, "a")]));
      const fill = {
        from: nowhere,
        changes: changesOf(build, 10n, [visit("b")]),
        parked: [],
        leftOut: [],
        upTo: point(10n),
      };
      expect(await store.fill(build, { ...fill, parkedVersions })).toBe("moved");
      expect(await rowsOf(build)).toEqual([]);
      expect(await store.fill(build, { ...fill, parkedVersions: await versionsOf(build) })).toBe("written");
    });

    test("is written once of two at the same time", async () => {
      const build = await newBuild(2);
      const fill = (times: number) => ({
        from: nowhere,
        parkedVersions: [0n, 0n],
        changes: changesOf(build, 10n, [visit("a", "hall", times)]),
        parked: [],
        leftOut: [],
        upTo: point(10n),
      });
      const answers = await Promise.all([store.fill(build, fill(1)), store.fill(build, fill(2))]);
      expect([...answers].sort()).toEqual(["moved", "written"]);
      expect(await rowsOf(build)).toEqual([visit("a", "hall", answers[0] === "written" ? 1 : 2)]);
    });

    test("that the store refuses leaves nothing", async () => {
      const build = await newBuild(2);
      const changes = changesOf(build, 10n, [visit("a"), { ...visit("b"), note: "nul\u0000" }]);
      const fill = { from: nowhere, parkedVersions: [0n, 0n], changes, parked: [], leftOut: [], upTo: point(10n) };
      const error = await store.fill(build, fill).catch((e) => e);
      expect(store.classify(error)).toBe("refused");
      expect(await rowsOf(build)).toEqual([]);
      expect(await store.checkpoints(build)).toMatchObject([nowhere, nowhere]);
    });
  });

  describe(`${name}: a snapshot`, () => {
    test("sees one moment of rows, checkpoints and parked keys, whatever is committed while it is read", async () => {
      const build = await newBuild(2);
      const [a = "", b = "", c = ""] = Array.from({ length: 20 }, (_, id) => String.fromCharCode(97 + id)).filter(
        (id) => partitionOf(id, 2) === 0,
      );
      await write(build, 0, 1n, changesOf(build, 1n, [visit(a), visit(b)]));
      await store.snapshot(build, async (snapshot) => {
        await store.inPartition(build, 0, async (session) => {
          await session.write(changesOf(build, 5n, [visit(a, "hall", 2), visit(c)], [{ reader_id: b, room: "hall" }]));
          await session.park([poison(2n, "bad")]);
          await session.advance(point(5n));
        });
        expect((await all(snapshot.rows("visits"))).sort(byKey)).toEqual([visit(a), visit(b)]);
        expect(snapshot.checkpoints).toMatchObject([{ ...point(1n), parkedKeys: 0 }, nowhere]);
        expect(snapshot.parked).toEqual([]);
      });
      expect(await rowsOf(build)).toEqual([visit(a, "hall", 2), visit(c)]);
    });

    test("gives the rows of some keys, or all of them however many, and may be left half read", async () => {
      const build = await newBuild();
      // More than three pages of either store.
      const many = under.indexed ? 7_945 : 12_345;
      const rows = Array.from({ length: many }, (_, index) => visit(`r${index % 100}`, `room${index}`, index));
      const fill = { from: nowhere, changes: changesOf(build, 1n, rows), parked: [], leftOut: [], upTo: point(1n) };
      await store.fill(build, { ...fill, parkedVersions: [0n] });
      await store.snapshot(build, async (snapshot) => {
        for await (const row of snapshot.rows("visits")) {
          expect(row.reader_id).toMatch(/^r\d+$/);
          break;
        }
        const read = await all(snapshot.rows("visits"));
        expect(new Set(read.map(({ times }) => times)).size).toBe(many);
        expect(read).toHaveLength(many);
        const some = await all(snapshot.rows("visits", ["r7", "r99", "nobody"]));
        expect(new Set(some.map(({ reader_id }) => reader_id))).toEqual(new Set(["r7", "r99"]));
        expect(some).toHaveLength(Math.floor(many / 100) * 2 + 1);
        expect(await all(snapshot.rows("visits", []))).toEqual([]);
      });
    });
  });

  describe(`${name}: a take-over`, () => {
    const statesOf = async (readModel: ReadModel) =>
      (await under.catalog.list()).filter((record) => record.readModel === readModel.name).map(({ state }) => state);
    /** A live build with a row of its own, and another that would follow it. */
    async function pair() {
      const readModel = newModel();
      const old = await newBuild(2, readModel);
      await write(old, 0, 30n, changesOf(old, 30n, [visit("old")]));
      await write(old, 1, 20n, changesOf(old, 20n, []));
      expect(await store.takeOver(old, undefined, async () => true)).toBe(true);
      const next = await newBuild(3, readModel);
      await write(next, 0, 30n, changesOf(next, 30n, [visit("next")]));
      return { readModel, old, next };
    }

    test("of the first build makes it what queries read", async () => {
      const build = await newBuild();
      await write(build, 0, 1n, changesOf(build, 1n, [visit("a")]));
      expect(await under.queried(build.readModel)).toBeUndefined();
      const asked: bigint[] = [];
      const taken = store.takeOver(build, undefined, async (highest) => {
        asked.push(highest);
        return true;
      });
      expect(await taken).toBe(true);
      expect(asked).toEqual([-1n]);
      expect(await under.queried(build.readModel)).toEqual([visit("a")]);
      expect(await statesOf(build.readModel)).toEqual(["live"]);
    });

    test("and a refresh lets queries find what is committed in it, and nothing that is not", async () => {
      const build = await newBuild();
      expect(await store.takeOver(build, undefined, async () => true)).toBe(true);
      await write(build, 0, 1n, changesOf(build, 1n, [visit("a")]));
      await store.refresh(build);
      expect(await under.queried(build.readModel)).toEqual([visit("a")]);
      await store.inPartition(build, 0, async (session) => {
        await session.write(changesOf(build, 2n, [visit("b")]));
        await store.refresh(build);
        expect(await under.queried(build.readModel)).toEqual([visit("a")]);
        await session.advance(point(2n));
      });
      await store.refresh(build);
      expect(await under.queried(build.readModel)).toEqual([visit("a"), visit("b")]);
    });

    test("swaps what queries read together with both states; the old build stands still while it is asked for", async () => {
      const { readModel, old, next } = await pair();
      let applied: Promise<unknown> = Promise.resolve();
      let done = false;
      /** Like a worker: a store may still refuse writes briefly after the take-over. */
      const advancing = (): Promise<unknown> =>
        store
          .inPartition(old, 1, (session) => session.advance(point(40n)))
          .catch((error: unknown) => {
            if (store.classify(error) === "refused") throw error;
            return sleep(20).then(advancing);
          });
      const taken = store.takeOver(next, old, async (highest) => {
        expect(highest).toBe(30n);
        expect(await under.queried(readModel)).toEqual([visit("old")]);
        expect(await statesOf(readModel)).toEqual(["live", "building"]);
        applied = advancing().then(() => {
          done = true;
        });
        await Promise.race([applied, sleep(300)]);
        expect(done).toBe(false);
        expect(await store.checkpoints(old)).toMatchObject([point(30n), point(20n)]);
        // The new one may continue.
        await write(next, 2, 30n, changesOf(next, 30n, []));
        return true;
      });
      expect(await taken).toBe(true);
      await applied;
      expect(await under.queried(readModel)).toEqual([visit("next")]);
      expect(await statesOf(readModel)).toEqual(["retired", "live"]);
    });

    test("changes nothing when it may not, or when the question fails", async () => {
      const { readModel, old, next } = await pair();
      expect(await store.takeOver(next, old, async () => false)).toBe(false);
      const failing = store.takeOver(next, old, async () => {
        throw new Error("cannot tell");
      });
      await expect(failing).rejects.toThrow("cannot tell");
      expect(await under.queried(readModel)).toEqual([visit("old")]);
      expect(await statesOf(readModel)).toEqual(["live", "building"]);
      await write(old, 1, 40n, changesOf(old, 40n, []));
      expect(await store.takeOver(next, old, async () => true)).toBe(true);
    });

    test("of a build that has ended meanwhile leaves the old one live", async () => {
      const { readModel, old, next } = await pair();
      await under.catalog.end(next, "failed", "ended by an operator");
      expect(await store.takeOver(next, old, async () => true)).toBe(false);
      expect(await under.queried(readModel)).toEqual([visit("old")]);
      expect(await statesOf(readModel)).toEqual(["live", "failed"]);
    });

    test("never leaves two live builds of a version", async () => {
      const { readModel, next } = await pair();
      await expect(store.takeOver(next, undefined, async () => true)).rejects.toThrow();
      expect(await under.queried(readModel)).toEqual([visit("old")]);
      expect(await statesOf(readModel)).toEqual(["live", "building"]);
    });
  });

  describe(`${name}: a build that is dropped`, () => {
    test("is gone, twice over, and leaves the other builds of its read model as they are", async () => {
      const readModel = newModel();
      const [one, other] = [await newBuild(1, readModel), await newBuild(1, readModel)];
      await write(one, 0, 1n, changesOf(one, 1n, [visit("one")]));
      await write(other, 0, 2n, changesOf(other, 2n, [visit("other")]));
      await store.takeOver(other, undefined, async () => true);
      await store.drop(one);
      await store.drop(one);
      await expect(store.checkpoints(one)).rejects.toThrow();
      await expect(rowsOf(one)).rejects.toThrow();
      expect(await rowsOf(other)).toEqual([visit("other")]);
      expect(await store.checkpoints(other)).toMatchObject([point(2n)]);
      expect(await under.queried(readModel)).toEqual([visit("other")]);
    });

    test("was the only one of its version: queries find nothing to read", async () => {
      const build = await newBuild();
      await store.takeOver(build, undefined, async () => true);
      await store.drop(build);
      expect(await under.queried(build.readModel)).toBeUndefined();
      await store.drop(build);
    });
  });

  describe(`${name}: an error`, () => {
    const refused: readonly (readonly [string, Row])[] = [
      ["a text that it cannot hold", { ...visit("a"), note: "nul\u0000" }],
      ["a number out of range", { ...visit("a"), times: 2 ** 40 }],
      ["null where a value must be", { ...visit("a"), last_at: null }],
    ];
    test.each(refused)("is the contents' for %s", async (_, row) => {
      const build = await newBuild();
      const error = await write(build, 0, 1n, changesOf(build, 1n, [row])).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(store.classify(error)).toBe("refused");
    });

    test("is the store's when it cannot be reached, and when it is any other", async () => {
      const build = await newBuild();
      const error = await under.unreachable.checkpoints(build).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      for (const fault of [error, new Error("broken"), undefined, "22001", { code: "22001" }])
        expect(store.classify(fault)).toBe("fault");
    });
  });
}
