import { createHash } from "node:crypto";
import type { Build } from "../core/build.ts";
import type { Row, Table } from "../core/declaration.ts";
import { lowestPosition } from "../core/positions.ts";
import { keyText } from "../core/rowKeys.ts";
import type { BuildSnapshot, ColumnDifference, IndexedRow, ReadModelStore } from "../ports/readModelStore.ts";
import type { BuildComparison, RowDifference, TableComparison } from "./buildComparison.ts";
import { rowsOf } from "./rowsOf.ts";

/** A build and the store that has its rows. */
export type StoredBuild = { readonly build: Build; readonly store: Pick<ReadModelStore, "snapshot"> };

/**
 * Compares two builds of one declaration, wherever their rows are, by key: each in a snapshot of its own, the second's taken right after the
 * first's. A document of an index counts as part of its row where it is not as it would be written for the row. Memory holds a key and a digest for each row of the first. `max` rows are listed, in the order of their keys; all are counted.
 */
export function compareStored(first: StoredBuild, second: StoredBuild, max = 100): Promise<BuildComparison> {
  return first.store.snapshot(first.build, (ofFirst) =>
    second.store.snapshot(second.build, async (ofSecond) => {
      const tables: TableComparison[] = [];
      const found: RowDifference[] = [];
      for (const [name, table] of Object.entries(first.build.readModel.tables)) {
        const compared = await compareTable(name, table, ofFirst, ofSecond, max - found.length);
        tables.push(compared.counted);
        found.push(...compared.found);
      }
      return {
        tables,
        found,
        shapes: [],
        positions: { first: lowestPosition(ofFirst.checkpoints), second: lowestPosition(ofSecond.checkpoints) },
        differences: tables.reduce((sum, { differences }) => sum + differences, 0n),
      };
    }),
  );
}

async function compareTable(
  name: string,
  table: Table,
  ofFirst: BuildSnapshot,
  ofSecond: BuildSnapshot,
  max: number,
): Promise<{ readonly counted: TableComparison; readonly found: readonly RowDifference[] }> {
  const digests = new Map<string, string>();
  for await (const { row, deviations } of comparedRows(ofFirst, name)) {
    digests.set(keyText(table, row), digestOf(table, row, deviations));
  }
  const first = BigInt(digests.size);
  let second = 0n;
  let differing = 0n;
  /** Rows of the first that are listed, by key, with the second's row, or undefined where it has none. */
  const listed = new Map<string, Compared | undefined>();
  const onlyInSecond: RowDifference[] = [];
  for await (const compared of comparedRows(ofSecond, name)) {
    const { row, deviations } = compared;
    second++;
    const key = keyText(table, row);
    const digest = digests.get(key);
    digests.delete(key);
    if (digest !== undefined && digest === digestOf(table, row, deviations)) continue;
    differing++;
    if (digest !== undefined && listed.size < max) listed.set(key, compared);
    else if (digest === undefined && onlyInSecond.length < max)
      onlyInSecond.push(differenceOf("only_in_second", name, table, compared));
  }
  differing += BigInt(digests.size);
  for (const key of digests.keys()) {
    if (listed.size >= max) break;
    listed.set(key, undefined);
  }
  const found = [...onlyInSecond];
  if (listed.size > 0)
    for await (const compared of comparedRows(ofFirst, name)) {
      const key = keyText(table, compared.row);
      if (!listed.has(key)) continue;
      const other = listed.get(key);
      found.push(differenceOf(other === undefined ? "only_in_first" : "different", name, table, compared, other));
    }
  const byKey = (one: RowDifference, other: RowDifference) => (one.key.join("\0") < other.key.join("\0") ? -1 : 1);
  return { counted: { table: name, first, second, differences: differing }, found: found.sort(byKey).slice(0, max) };
}

/** A row, and what its document has otherwise than it would be written for the row. */
type Compared = Pick<IndexedRow, "row"> & { readonly deviations: readonly ColumnDifference[] };

async function* comparedRows(snapshot: BuildSnapshot, table: string): AsyncGenerator<Compared> {
  for await (const { row, differencesFrom } of rowsOf(snapshot, table)) yield { row, deviations: differencesFrom(row) };
}

function differenceOf(
  kind: RowDifference["kind"],
  name: string,
  table: Table,
  { row, deviations }: Compared,
  other?: Compared,
): RowDifference {
  const key = table.primaryKey.map((column) => shown(row[column]) ?? "null");
  if (other === undefined) return { kind, table: name, key, columns: [] };
  const columns = Object.keys(table.columns).map((column) => {
    return { column, first: shown(row[column]), second: shown(other.row[column]) };
  });
  const fields = [...new Set([...deviations, ...other.deviations].map(({ column }) => column))].map((column) => {
    const first = deviations.find((deviation) => deviation.column === column);
    const second = other.deviations.find((deviation) => deviation.column === column);
    return {
      column,
      first: asJson(first === undefined ? second?.expected : first.found),
      second: asJson(second === undefined ? first?.expected : second.found),
    };
  });
  return { kind, table: name, key, columns: [...columns, ...fields].filter(({ first, second }) => first !== second) };
}

const asJson = (value: unknown) => JSON.stringify(value) ?? null;

function shown(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return value instanceof Date ? value.toISOString() : String(value === 0 ? 0 : value);
}

function digestOf(table: Table, row: Row, deviations: Compared["deviations"]): string {
  const columns = Object.keys(table.columns).map((column) => shown(row[column]));
  const values = [...columns, ...deviations.map(({ column, found }) => [column, found])];
  return createHash("sha256").update(JSON.stringify(values)).digest("base64");
}
