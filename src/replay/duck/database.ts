import type { Json } from "@duckdb/node-api";
import { type AppendedColumn, appendPieces } from "./append.ts";

/** A DuckDB in this process. Statements run in threads of its own, one after the other. */
export type Duck = {
  /** Runs statements that answer nothing. Rejects with DuckDB's message. */
  run(sql: string): Promise<void>;
  /** The rows of a query; 64-bit integers as text, dates and times as DuckDB writes them. */
  rows<Row = Record<string, unknown>>(sql: string): Promise<readonly Row[]>;
  /** The same without holding them all: rows come in chunks, values in the order of `columns`. */
  stream(sql: string): Promise<Streamed>;
  /** Appends gathered rows to a table with these columns, in this order. */
  append(table: string, columns: readonly AppendedColumn[], rows: number): Promise<void>;
  close(): void;
};

export type Streamed = {
  readonly columns: readonly string[];
  readonly chunks: AsyncIterable<readonly (readonly Value[])[]>;
};
/** A value as JSON: 64-bit integers and decimals as text, lists and structs as such. */
export type Value = Json;

/** Mebibytes for what DuckDB holds; beyond them it writes to its temporary folder. */
const memory = 1_024;

/** Opens one in memory, or the file at `path`. It never fetches extensions. `threads` of one keep the order of rows. */
export async function openDuck(
  options: { readonly path?: string; readonly threads?: number; readonly readOnly?: boolean } = {},
): Promise<Duck> {
  const { path = ":memory:", threads = 2, readOnly = false } = options;
  // Loaded when it is needed: it takes 0.4 s of CPU and 35 MB, and most processes never open one.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(path, {
    threads: `${threads}`,
    memory_limit: `${memory}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(readOnly ? { access_mode: "READ_ONLY" } : {}),
  });
  const connection = await instance.connect();
  return {
    async run(sql) {
      await connection.run(sql);
    },
    async rows<Row>(sql: string) {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[];
    },
    async stream(sql) {
      const result = await connection.stream(sql);
      return { columns: result.deduplicatedColumnNames(), chunks: result.yieldRowsJson() };
    },
    append: (table, columns, rows) => appendPieces(connection, table, columns, rows),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Texts as a list of SQL. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}
