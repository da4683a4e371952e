import type { RowChange } from "../core/changes.ts";
import { partitionColumn, type ReadModel, type Row, type Table } from "../core/declaration.ts";
import { keyText } from "../core/rowKeys.ts";
import type { BuildSnapshot, ColumnDifference } from "../ports/readModelStore.ts";
import type { Differences } from "./differences.ts";
import type { LogFold } from "./foldLog.ts";
import { rowsOf } from "./rowsOf.ts";
import type { Part, Selection } from "./selection.ts";

/** Compares the selected rows of every table, and their documents in an index, with those of the fold. Resolves with the number of rows read. */
export async function compareRows(
  readModel: ReadModel,
  snapshot: Pick<BuildSnapshot, "rows" | "index">,
  fold: Pick<LogFold, "parts">,
  selection: Selection,
  differences: Differences,
): Promise<number> {
  let compared = 0;
  for (const [name, table] of Object.entries(readModel.tables)) {
    const expected = rowsByPart(fold, name);
    const seen = new Set<RowChange>();
    for await (const { row, differencesFrom } of rowsOf(snapshot, name, selection.keys())) {
      const part = selection.partOf(String(row[partitionColumn(table)]));
      if (part === undefined) continue;
      compared++;
      const change = expected.get(part)?.get(keyText(table, row));
      if (change === undefined || change.row === null) {
        differences.add({ kind: "unexpected", table: name, key: keyOf(table, row) });
        continue;
      }
      seen.add(change);
      const columns = [...differentColumns(table, change.row, row), ...differencesFrom(change.row)];
      if (columns.length > 0) differences.add({ kind: "different", table: name, key: keyOf(table, row), columns });
    }
    for (const rows of expected.values()) {
      for (const change of rows.values()) {
        if (change.row === null || seen.has(change)) continue;
        differences.add({ kind: "missing", table: name, key: keyOf(table, change.row) });
      }
    }
  }
  return compared;
}

/** Reports documents of an index that nothing would have written. */
export async function reportStrays({ index }: Pick<BuildSnapshot, "index">, differences: Differences): Promise<void> {
  if (index === undefined) return;
  const detail = "a document of no row, which a search may find";
  for await (const id of index.strays()) differences.add({ kind: "unexpected", table: null, key: [id], detail });
}

function rowsByPart(fold: Pick<LogFold, "parts">, table: string): Map<Part, ReadonlyMap<string, RowChange>> {
  const rows = new Map<Part, ReadonlyMap<string, RowChange>>();
  for (const [part, { tables }] of fold.parts()) {
    const changes = tables.changes().get(table);
    if (changes !== undefined) rows.set(part, changes.rows);
  }
  return rows;
}

function keyOf(table: Table, row: Row): readonly string[] {
  return table.primaryKey.map((column) => asText(row[column]));
}

const asText = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));

function differentColumns(table: Table, expected: Row, found: Row): readonly ColumnDifference[] {
  const columns: ColumnDifference[] = [];
  for (const column of Object.keys(table.columns)) {
    const stored = asStored(expected[column]);
    if (!isSame(stored, found[column])) columns.push({ column, expected: stored, found: found[column] });
  }
  return columns;
}

/** A value as a store returns it: text is UTF-8, without lone surrogates, and zero has no sign. */
function asStored(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "string") return value.toWellFormed();
  return value === 0 ? 0 : value;
}

function isSame(expected: unknown, found: unknown): boolean {
  if (expected instanceof Date && found instanceof Date) return expected.getTime() === found.getTime();
  return expected === found;
}
