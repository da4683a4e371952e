import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "@duckdb/node-api";
import { type AppendedColumn, appendPieces } from "./append.ts";
import { type DuckLimits, defaultDuckLimits } from "./limits.ts";

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
  /** Of the columns, as DuckDB writes them: BIGINT, VARCHAR[]. */
  readonly types: readonly string[];
  readonly chunks: AsyncIterable<readonly (readonly Value[])[]>;
};
/** A value as JSON: 64-bit integers and decimals as text, lists and structs as such. */
export type Value = Json;

export type DuckOptions = {
  /** A file; without one it is in memory. */
  readonly path?: string;
  readonly readOnly?: boolean;
  /** The number of threads; one thread keeps the order of rows; by default that of the limits. */
  readonly threads?: number;
  readonly limits?: DuckLimits | undefined;
  /** An existing folder for its temporary folder; by default the system's. */
  readonly temporaryIn?: string;
  /** Ends what runs; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
};

let opened = 0;

/** Opens a database. It never fetches extensions. */
export async function openDuck(options: DuckOptions = {}): Promise<Duck> {
  const { path = ":memory:", readOnly = false, limits = defaultDuckLimits, temporaryIn = tmpdir(), signal } = options;
  signal?.throwIfAborted();
  // Two that share a folder would write over each other's files.
  const temporary = join(temporaryIn, `duckdb-${process.pid}-${opened++}.tmp`);
  // Loaded when it is needed: it takes 0.4 s of CPU and 35 MB, and most processes never open one.
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(path, {
    threads: `${options.threads ?? limits.threads}`,
    memory_limit: `${limits.memory}MiB`,
    temp_directory: temporary,
    max_temp_directory_size: `${limits.temporary}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(readOnly ? { access_mode: "READ_ONLY" } : {}),
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  const interruptible = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    signal?.throwIfAborted();
    return work().catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  };
  return {
    run: (sql) => interruptible(async () => void (await connection.run(sql))),
    rows: <Row>(sql: string) =>
      interruptible(async () => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[]),
    stream: (sql) =>
      interruptible(async () => {
        const result = await connection.stream(sql);
        const types = result.columnTypes().map(String);
        return { columns: result.deduplicatedColumnNames(), types, chunks: result.yieldRowsJson() };
      }),
    append: (table, columns, rows) => interruptible(() => appendPieces(connection, table, columns, rows)),
    close() {
      signal?.removeEventListener("abort", interrupt);
      connection.closeSync();
      instance.closeSync();
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** Deletes a database that is not open, with its write-ahead log: another of the same name would use that log. */
export async function deleteDatabase(path: string): Promise<void> {
  for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Texts as a list of SQL. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}
