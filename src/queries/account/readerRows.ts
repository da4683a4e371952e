import type { Pool } from "../../platform/postgres.ts";
import { viewsOf } from "../../projections/views.ts";

/** A read model's table with rows that belong to readers; `rows` reads those of one reader, page by page. */
export type ReaderTable = {
  readonly readModel: string;
  readonly table: string;
  rows(pool: Pool, readerId: string): AsyncIterable<Readonly<Record<string, unknown>>>;
};

/** Rows of one query. */
const rowsAtOnce = 1_000;

/** The part of a read model's declaration that this needs. */
type Declared = {
  readonly name: string;
  readonly version: number;
  readonly partitionKey: "reader" | "book";
  readonly tables: Readonly<
    Record<
      string,
      { readonly columns: Readonly<Record<string, string>>; readonly primaryKey: readonly [string, ...string[]] }
    >
  >;
};

/** The tables with data about readers: all tables of read models partitioned by reader, and others that have a `reader_id`. */
export function readerTablesOf(readModels: readonly Declared[]): readonly ReaderTable[] {
  return readModels.flatMap((readModel) => {
    const views = viewsOf(readModel);
    return Object.entries(readModel.tables).flatMap(([table, { columns, primaryKey }]) => {
      const column = readModel.partitionKey === "reader" ? primaryKey[0] : "reader_id";
      const view = views[table];
      if (view === undefined || !Object.hasOwn(columns, column)) return [];
      return [{ readModel: readModel.name, table, rows: pages(view, column, primaryKey) }];
    });
  });
}

function pages(view: string, column: string, primaryKey: readonly string[]): ReaderTable["rows"] {
  const key = primaryKey.join(", ");
  const from = primaryKey.map((_, index) => `$${index + 2}`).join(", ");
  return async function* (pool, readerId) {
    let after: readonly unknown[] | undefined;
    do {
      const text = `SELECT * FROM ${view} WHERE ${column} = $1 ${after === undefined ? "" : `AND (${key}) > (${from})`}
                    ORDER BY ${key} LIMIT ${rowsAtOnce}`;
      const { rows } = await pool.query<Record<string, unknown>>(text, [readerId, ...(after ?? [])]);
      yield* rows;
      const last = rows.length < rowsAtOnce ? undefined : rows.at(-1);
      after = last && primaryKey.map((name) => last[name]);
    } while (after !== undefined);
  };
}
