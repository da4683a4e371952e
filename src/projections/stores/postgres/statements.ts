import type { RowChange } from "../../engine/core/changes.ts";
import type { Row, Table } from "../../engine/core/declaration.ts";
import { type StoredTable, sqlType } from "./tables.ts";

/** SQL with the values of its parameters, which are numbered from a given start. */
export type Piece = { readonly text: string; readonly values: readonly unknown[] };

/** `unnest($first…)` with one array per column, containing the values of these rows. */
export function unnest(table: Table, columns: readonly string[], rows: readonly Row[], first = 1): Piece {
  const arrays = columns.map((column, index) => `$${first + index}::${columnType(table, column)}[]`);
  return {
    text: `unnest(${arrays.join(", ")})`,
    values: columns.map((column) => rows.map((row) => row[column])),
  };
}

/** Upserts rows; `and` is an additional FROM item: if it has no row, nothing is written. */
export function upsert({ path, table }: StoredTable, rows: readonly Row[], first = 1, and = ""): Piece {
  const columns = Object.keys(table.columns);
  const source = unnest(table, columns, rows, first);
  return {
    text: `INSERT INTO ${path} (${columns.join(", ")}) SELECT k.* FROM ${source.text} AS k(${columns.join(", ")})${and}
           ${onConflict(table)}`,
    values: source.values,
  };
}

/** Rows that exist get the new values of the columns outside the primary key. */
export function onConflict(table: Table): string {
  const changing = Object.keys(table.columns).filter((column) => !table.primaryKey.includes(column));
  const update = changing.map((column) => `${column} = excluded.${column}`).join(", ");
  return `ON CONFLICT (${table.primaryKey.join(", ")}) DO ${update === "" ? "NOTHING" : `UPDATE SET ${update}`}`;
}

/** Deletes the rows with these values in these columns; `and` as above. */
export function deleteWhere(
  { path, table }: StoredTable,
  columns: readonly string[],
  patterns: readonly Row[],
  first = 1,
  and = "",
): Piece {
  const source = unnest(table, columns, patterns, first);
  return {
    text: `DELETE FROM ${path} t USING ${source.text} AS k(${columns.join(", ")})${and}
           WHERE ${alike(table, columns)}`,
    values: source.values,
  };
}

/** The rows with these values in these columns. */
export function selectWhere({ path, table }: StoredTable, columns: readonly string[], patterns: readonly Row[]): Piece {
  const source = unnest(table, columns, patterns);
  return {
    text: `SELECT t.* FROM ${path} t JOIN ${source.text} AS k(${columns.join(", ")}) ON ${alike(table, columns)}`,
    values: source.values,
  };
}

function alike(table: Table, columns: readonly string[]): string {
  return columns.map((column) => `t.${column} ${equals(table, column)} k.${column}`).join(" AND ");
}

/** The rows that changes write, and the keys of those that they delete. */
export function parted(changes: Iterable<RowChange>): {
  readonly upserts: readonly Row[];
  readonly gone: readonly Row[];
} {
  const upserts: Row[] = [];
  const gone: Row[] = [];
  for (const { key, row } of changes) row === null ? gone.push(key) : upserts.push(row);
  return { upserts, gone };
}

export function columnType(table: Table, column: string): string {
  const type = table.columns[column];
  if (type === undefined) throw new Error(`no column ${column}`);
  return sqlType(type);
}

/** Null equals null, as in memory; the plain operator for other columns, because indexes support it. */
function equals(table: Table, column: string): string {
  return table.columns[column]?.endsWith("?") ? "IS NOT DISTINCT FROM" : "=";
}
