import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Duck, openDuck } from "../../src/replay/duck/database.ts";
import { createParquetRows } from "../../src/replay/duck/parquetRows.ts";
import type { Cell } from "../../src/replay/schema/cells.ts";
import { columns } from "../../src/replay/schema/columns.ts";
import { mulberry32 } from "../support/random.ts";

let duck: Duck;
let folder: string;
beforeAll(async () => {
  duck = await openDuck({ threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "heima-parquet-"));
});
afterAll(async () => {
  duck?.close();
  await rm(folder, { recursive: true, force: true });
});

/** More than two of DuckDB's chunks. */
const count = 4_500;
const filled = [...columns.keys()].filter((index) => index % 2 === 0 || index < 24);
const texts = ["", "石头\"记'", "half \ud83d of a pair", "half \ud83e of a pair", "line\nfeed", "null", "\\", "书"];

/** A cell of each kind that a column may have; many are null. */
function cellOf(index: number, row: number, random: () => number): Cell {
  const { name, type } = columns[index] as (typeof columns)[number];
  if (name === "position") return 2n ** 40n + BigInt(row);
  if (random() < 0.3) return undefined;
  const n = Math.floor(random() * 1_000);
  switch (type) {
    case "BIGINT":
      return [n, -n, -1, 0, 2 ** 52 + n, -(2 ** 40) - n, 2n ** 60n + BigInt(n)][n % 7] as Cell;
    case "DOUBLE":
      return n / 7;
    case "BOOLEAN":
      return n % 2 === 0;
    case "DATE":
      return n - 100;
    case "TIMESTAMP":
      return Date.UTC(2026, 0, 1) + n * 86_399_999;
    default:
      // Few texts, some hundreds, or one for each row.
      return index % 3 === 0
        ? (texts[n % texts.length] as string)
        : index % 3 === 1
          ? `text ${n % 400}`
          : `text ${row}`;
  }
}

function shown(index: number, cell: Cell): unknown {
  if (cell === undefined) return null;
  const { type } = columns[index] as (typeof columns)[number];
  if (type === "BIGINT") return `${cell}`;
  if (type === "DATE") return new Date(Number(cell) * 86_400_000).toISOString().slice(0, 10);
  if (type !== "TIMESTAMP") return typeof cell === "string" ? cell.toWellFormed() : cell;
  return new Date(Number(cell))
    .toISOString()
    .replace("T", " ")
    .replace(/\.?0*Z$/, "");
}

async function write(path: string, maxGathered?: number) {
  const random = mulberry32(44);
  const rows = createParquetRows(duck, maxGathered);
  const expected: Record<string, unknown>[] = [];
  let waits = 0;
  for (let row = 0; row < count; row++) {
    const cells = filled.map((index) => cellOf(index, row, random));
    const full = rows.add({ filled, cells });
    if (full !== undefined) {
      waits++;
      await full;
    }
    const named = filled.map((index, n) => [columns[index]?.name, shown(index, cells[n])]);
    expected.push({ ...Object.fromEntries(columns.map(({ name }) => [name, null])), ...Object.fromEntries(named) });
  }
  await rows.writeTo(path);
  return { expected, waits };
}

test("every kind of cell is in the file as it was given, in order, whether it was handed over early or not", async () => {
  const [atOnce, early, again] = ["at-once", "early", "again"].map((name) => join(folder, `${name}.parquet`)) as [
    string,
    string,
    string,
  ];
  const { expected, waits } = await write(atOnce);
  expect(waits).toBe(0);
  expect(await duck.rows(`SELECT * FROM '${atOnce}'`)).toEqual(expected);
  expect((await write(early, 20_000)).waits).toBeGreaterThan(2);
  expect(await duck.rows(`SELECT * FROM '${early}'`)).toEqual(expected);
  await write(again);
  expect((await readFile(again)).equals(await readFile(atOnce))).toBe(true);
  expect(await duck.rows("SELECT table_name FROM duckdb_tables()")).toEqual([]);
}, 300_000);
