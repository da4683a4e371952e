import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { keyText } from "../../../src/projections/engine/core/rowKeys.ts";
import { statementName } from "../../../src/projections/stores/postgres/statementName.ts";
import { point } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

describe("the name of a statement", () => {
  const bytes = (name: string) => Buffer.byteLength(name);

  test("is its parts as long as Postgres keeps all of it", () => {
    expect(statementName("load", "shelf_v4_b1", "0,1")).toBe("load shelf_v4_b1 0,1");
    expect(statementName("x".repeat(63))).toBe("x".repeat(63));
  });

  test.each(["x", "书", "\u{1f4d6}"])(
    "of long parts (%s) has at most 63 bytes, is the same for the same parts and another for others",
    (letter) => {
      const long = letter.repeat(64);
      const names = [
        statementName("delete", long, "reader_id"),
        statementName("delete", long, "reader_id,book_id"),
        statementName("delete", `${long}${letter}`, "reader_id"),
      ];
      expect(new Set(names).size).toBe(3);
      expect(statementName("delete", long, "reader_id")).toBe(names[0]);
      for (const name of names) expect(bytes(name)).toBeLessThanOrEqual(63);
    },
  );
});

/** Tables and columns whose names have Postgres' maximum length, and differ only in the last letter. */
const longModel = (name: string) => {
  const columns = { reader_id: "text", [`${"c".repeat(62)}1`]: "int4", [`${"c".repeat(62)}2`]: "int4" } as const;
  const table = { columns, primaryKey: ["reader_id"] } as const;
  const tables = { [`${"t".repeat(62)}1`]: table, [`${"t".repeat(62)}2`]: table };
  return defineReadModel({ name, version: 1, partitionKey: "reader", categories: ["shelf"], tables, on: {} });
};

describe("a build of long names", () => {
  test("is written and read like any other, whatever statement comes first on a connection", async () => {
    const build = await store.add(longModel("m".repeat(56)));
    expect(Buffer.byteLength(build.name)).toBeGreaterThan(60);
    const tables = Object.entries(build.readModel.tables);
    const rowOf = (table: number, value: number) => {
      const [, declared] = tables[table] ?? [];
      return Object.fromEntries(
        Object.keys(declared?.columns ?? {}).map((column) => [column, column === "reader_id" ? "a" : value]),
      );
    };
    const write = (position: bigint, values: readonly (number | null | undefined)[], mayRunTwice: boolean) =>
      store.store.inPartition(
        build,
        0,
        async (session) => {
          const changes = tables.flatMap(([name, table], index) => {
            const value = values[index];
            const key = { reader_id: "a" };
            const row = value === null || value === undefined ? null : rowOf(index, value);
            return value === undefined
              ? []
              : [[name, { wipes: [], rows: new Map([[keyText(table, key), { key, row, at: position }]]) }] as const];
          });
          await session.load(new Map(tables.map(([name]) => [name, [{ reader_id: "a" }]])));
          await session.write(new Map(changes));
          await session.advance(point(position));
        },
        { mayRunTwice },
      );
    const rows = async () =>
      Promise.all(tables.map(async ([name]) => (await store.rows(build, name)).map((row) => Object.values(row))));
    let position = 0n;
    for (const mayRunTwice of [false, true]) {
      await write(++position, [1, 2], mayRunTwice);
      expect(await rows()).toEqual([[["a", 1, 1]], [["a", 2, 2]]]);
      await write(++position, [undefined, 3], mayRunTwice);
      await write(++position, [4, undefined], mayRunTwice);
      expect(await rows()).toEqual([[["a", 4, 4]], [["a", 3, 3]]]);
      await write(++position, [null, 5], mayRunTwice);
      await write(++position, [6, null], mayRunTwice);
      expect(await rows()).toEqual([[["a", 6, 6]], []]);
    }
    expect(await store.positions(build)).toEqual([position]);
    const prepared = await store.pool.query("SELECT name FROM pg_prepared_statements");
    for (const { name } of prepared.rows) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
  });

  test("that Postgres would cut is refused when it is opened: two builds might have one schema", async () => {
    const build = await store.catalog.add(longModel("m".repeat(60)), 1);
    if (build === undefined) throw new Error("not added");
    await expect(store.store.open(build)).rejects.toThrow("longer than the 63 bytes");
  });
});
