import type { Client, Pool } from "../../../platform/postgres.ts";
import type { Row, Table } from "../../engine/core/declaration.ts";
import { keyText, type RowChange } from "../../engine/core/fold.ts";
import { type StoredTable, sqlType } from "./tables.ts";

/** Loads the rows of the given keys, by key text. */
export async function loadRows(
  client: Client | Pool,
  { path, table }: StoredTable,
  keys: readonly Row[],
): Promise<Map<string, Row>> {
  if (keys.length === 0) return new Map();
  const columns = table.primaryKey;
  const found = await client.query<Row>({
    name: `load ${path}`,
    text: `SELECT t.* FROM ${path} t JOIN ${unnest(table, columns)} AS k(${columns.join(", ")}) USING (${columns.join(", ")})`,
    values: columns.map((column) => keys.map((key) => key[column])),
  });
  return new Map(found.rows.map((row) => [keyText(table, row), row]));
}

/** Deletes what the wipes match; wipes of equal columns go in one statement. */
export async function wipeRows(client: Client, { path, table }: StoredTable, wipes: readonly Row[]): Promise<void> {
  const byColumns = new Map<string, Row[]>();
  for (const wipe of wipes) {
    const columns = Object.keys(wipe).sort().join();
    const alike = byColumns.get(columns) ?? [];
    byColumns.set(columns, alike);
    alike.push(wipe);
  }
  for (const [joined, alike] of byColumns) await deleteWhere(client, { path, table }, joined.split(","), alike);
}

/** Writes each row's last state: upserts the rows that are there, deletes those that are gone. */
export async function writeRows(client: Client, stored: StoredTable, changes: Iterable<RowChange>): Promise<void> {
  const upserts: Row[] = [];
  const gone: Row[] = [];
  for (const { key, row } of changes) row === null ? gone.push(key) : upserts.push(row);
  if (gone.length > 0) await deleteWhere(client, stored, stored.table.primaryKey, gone);
  if (upserts.length > 0) await upsert(client, stored, upserts);
}

async function upsert(client: Client, { path, table }: StoredTable, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(table.columns);
  const changing = columns.filter((column) => !table.primaryKey.includes(column));
  const update = changing.map((column) => `${column} = excluded.${column}`).join(", ");
  await client.query({
    name: `upsert ${path}`,
    text: `INSERT INTO ${path} (${columns.join(", ")}) SELECT * FROM ${unnest(table, columns)}
           ON CONFLICT (${table.primaryKey.join(", ")}) DO ${update === "" ? "NOTHING" : `UPDATE SET ${update}`}`,
    values: columns.map((column) => rows.map((row) => row[column])),
  });
}

async function deleteWhere(
  client: Client,
  { path, table }: StoredTable,
  columns: readonly string[],
  patterns: readonly Row[],
): Promise<void> {
  await client.query({
    name: `delete ${path} by ${columns.join()}`,
    text: `DELETE FROM ${path} t USING ${unnest(table, columns)} AS k(${columns.join(", ")})
           WHERE ${columns.map((column) => `t.${column} ${equals(table, column)} k.${column}`).join(" AND ")}`,
    values: columns.map((column) => patterns.map((pattern) => pattern[column])),
  });
}

function unnest(table: Table, columns: readonly string[]): string {
  const arrays = columns.map((column, index) => {
    const type = table.columns[column];
    if (type === undefined) throw new Error(`no column ${column}`);
    return `$${index + 1}::${sqlType(type)}[]`;
  });
  return `unnest(${arrays.join(", ")})`;
}

/** As in memory null equals null; the plain operator is what indexes serve. */
function equals(table: Table, column: string): string {
  return table.columns[column]?.endsWith("?") ? "IS NOT DISTINCT FROM" : "=";
}
