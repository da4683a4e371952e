import type { Client, Pool } from "../../../platform/postgres.ts";
import type { RowChange, Wipe } from "../../engine/core/changes.ts";
import type { Row } from "../../engine/core/declaration.ts";
import { keyText } from "../../engine/core/rowKeys.ts";
import { statementName } from "./statementName.ts";
import { columnType, deleteWhere, parted, selectWhere, unnest, upsert } from "./statements.ts";
import type { StoredTable } from "./tables.ts";

/** The keys of rows of a table, with the table's number within the build. */
export type Wanted = {
  readonly name: string;
  readonly number: number;
  readonly stored: StoredTable;
  readonly keys: readonly Row[];
};

/**
 * Loads the rows with the given keys, by key text, in one round trip for any number of tables. `statement`: the name
 * under which it is prepared, the same for the same tables; undefined if it is not prepared.
 */
export async function loadRows(
  client: Client | Pool,
  statement: string | undefined,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<Wanted, Map<string, Row>>> {
  const loaded = new Map(wanted.map((table) => [table, new Map<string, Row>()]));
  const asked = wanted.filter(({ keys }) => keys.length > 0);
  if (asked.length === 0) return loaded;
  const values: unknown[] = [];
  // The result has the columns of all tables.
  const selects = asked.map(({ stored: { path, table }, keys }, index) => {
    const source = unnest(table, table.primaryKey, keys, values.length + 1);
    values.push(...source.values);
    const columns = asked.flatMap(({ stored }, other) =>
      Object.keys(stored.table.columns).map((column) =>
        other === index ? `t.${column}` : `NULL::${columnType(stored.table, column)}`,
      ),
    );
    const key = table.primaryKey.join(", ");
    return `SELECT ${index}, ${columns.join(", ")} FROM ${path} t JOIN ${source.text} AS k(${key}) USING (${key})`;
  });
  const found = await client.query<unknown[]>({
    ...(statement !== undefined && { name: statement }),
    text: selects.join("\nUNION ALL "),
    values,
    rowMode: "array",
  });
  let next = 1;
  const slices = asked.map((wantedTable) => {
    const { table } = wantedTable.stored;
    const columns = Object.keys(table.columns);
    const begin = next;
    next += columns.length;
    return { table, begin, columns, rows: loaded.get(wantedTable) };
  });
  for (const values of found.rows) {
    const slice = slices[values[0] as number];
    if (slice === undefined) continue;
    const row: Record<string, unknown> = {};
    for (const [index, column] of slice.columns.entries()) row[column] = values[slice.begin + index];
    slice.rows?.set(keyText(slice.table, row), row);
  }
  return loaded;
}

/** The rows with these columns and values, in any partition, by key text. */
export async function findRows(
  client: Client | Pool,
  { path, table }: StoredTable,
  patterns: readonly Row[],
): Promise<Map<string, Row>> {
  const found = new Map<string, Row>();
  for (const [columns, alike] of byColumns(patterns)) {
    const piece = selectWhere({ path, table }, columns, alike);
    const { rows } = await client.query<Row>({
      name: statementName("find", path, columns.join()),
      ...writable(piece),
    });
    for (const row of rows) found.set(keyText(table, row), row);
  }
  return found;
}

/** Deletes the rows that match the wipes; wipes of the same columns share a statement. */
export async function wipeRows(client: Client, stored: StoredTable, wipes: readonly Wipe[]): Promise<void> {
  for (const [columns, alike] of byColumns(wipes.map(({ pattern }) => pattern)))
    await remove(client, stored, columns, alike);
}

function byColumns(
  patterns: readonly Row[],
): readonly (readonly [columns: readonly string[], alike: readonly Row[]])[] {
  const sorted = new Map<string, Row[]>();
  for (const pattern of patterns) {
    const columns = Object.keys(pattern).sort().join();
    const alike = sorted.get(columns) ?? [];
    sorted.set(columns, alike);
    alike.push(pattern);
  }
  return [...sorted].map(([joined, alike]) => [joined.split(","), alike]);
}

/** Writes each row's final state: upserts existing rows, deletes others. */
export async function writeRows(client: Client, stored: StoredTable, changes: Iterable<RowChange>): Promise<void> {
  const { upserts, gone } = parted(changes);
  if (gone.length > 0) await remove(client, stored, stored.table.primaryKey, gone);
  if (upserts.length > 0)
    await client.query({ name: statementName("upsert", stored.path), ...writable(upsert(stored, upserts)) });
}

async function remove(
  client: Client,
  stored: StoredTable,
  columns: readonly string[],
  patterns: readonly Row[],
): Promise<void> {
  const piece = deleteWhere(stored, columns, patterns);
  await client.query({ name: statementName("delete", stored.path, columns.join()), ...writable(piece) });
}

function writable({ text, values }: { readonly text: string; readonly values: readonly unknown[] }) {
  return { text, values: [...values] };
}
