import type { Client } from "../../../platform/postgres.ts";

/** A table in Postgres: its columns with their types, and its primary key in order. */
export type SchemaTable = {
  readonly columns: ReadonlyMap<string, string>;
  readonly primaryKey: readonly string[];
};

/** A table that two schemas have with the same primary key; `columns` are those that both have with the same type. */
export type ComparedTable = {
  readonly table: string;
  readonly primaryKey: readonly string[];
  readonly columns: readonly string[];
};

type Row = { readonly table: string; readonly column: string; readonly type: string; readonly nth: number | null };

/** The tables of a build's schema by name, without its checkpoints; empty if there is no such schema. */
export async function tablesOf(client: Client, schema: string): Promise<ReadonlyMap<string, SchemaTable>> {
  const { rows } = await client.query<Row>(
    `SELECT class.relname AS table, attribute.attname AS column,
            format_type(attribute.atttypid, attribute.atttypmod) AS type,
            array_position(key.indkey::int2[], attribute.attnum) AS nth
     FROM pg_class AS class
     JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attnum > 0 AND NOT attisdropped
     LEFT JOIN pg_index AS key ON key.indrelid = class.oid AND key.indisprimary
     WHERE class.relnamespace = to_regnamespace($1) AND class.relkind = 'r' AND class.relname <> 'checkpoints'
     ORDER BY class.relname, attribute.attnum`,
    [schema],
  );
  const tables = new Map<string, SchemaTable>();
  for (const name of new Set(rows.map(({ table }) => table))) {
    const own = rows.filter(({ table }) => table === name);
    const key = own.filter(({ nth }) => nth !== null).sort((a, b) => (a.nth ?? 0) - (b.nth ?? 0));
    tables.set(name, {
      columns: new Map(own.map(({ column, type }) => [column, type])),
      primaryKey: key.map(({ column }) => column),
    });
  }
  return tables;
}

/** The common tables of two schemas, and a line for each difference. */
export function commonOf(
  first: ReadonlyMap<string, SchemaTable>,
  second: ReadonlyMap<string, SchemaTable>,
): { readonly compared: readonly ComparedTable[]; readonly shapes: readonly string[] } {
  const compared: ComparedTable[] = [];
  const shapes: string[] = [];
  for (const table of [...new Set([...first.keys(), ...second.keys()])].sort()) {
    const [a, b] = [first.get(table), second.get(table)];
    if (a === undefined || b === undefined) {
      shapes.push(`the table ${table} is only in the ${a === undefined ? "second" : "first"}`);
      continue;
    }
    for (const column of new Set([...a.columns.keys(), ...b.columns.keys()])) {
      const [before, after] = [a.columns.get(column), b.columns.get(column)];
      if (before === after) continue;
      if (before !== undefined && after !== undefined) shapes.push(`${table}.${column} is ${before} and ${after}`);
      else shapes.push(`${table}.${column} is only in the ${before === undefined ? "second" : "first"}`);
    }
    if (
      a.primaryKey.join() !== b.primaryKey.join() ||
      a.primaryKey.some((key) => a.columns.get(key) !== b.columns.get(key))
    )
      shapes.push(`${table} has another primary key: (${a.primaryKey.join(", ")}) and (${b.primaryKey.join(", ")})`);
    else {
      const columns = [...a.columns]
        .filter(([column, type]) => b.columns.get(column) === type)
        .map(([column]) => column);
      compared.push({ table, primaryKey: a.primaryKey, columns });
    }
  }
  return { compared, shapes };
}
