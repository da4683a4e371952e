import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** A DuckDB in this process. Statements run in threads of its own, one after the other. */
export type Duck = {
  /** Runs statements that answer nothing. Rejects with DuckDB's message. */
  run(sql: string): Promise<void>;
  /** The rows of a query; 64-bit integers as text, dates and times as DuckDB writes them. */
  rows<Row = Record<string, unknown>>(sql: string): Promise<readonly Row[]>;
  readonly connection: DuckDBConnection;
  close(): void;
};

/** Mebibytes for what DuckDB holds; beyond them it writes to its temporary folder. */
const memory = 1_024;

/** Opens one in memory, or the file at `path`. It never fetches extensions. `threads` of one keep the order of rows. */
export async function openDuck(
  options: { readonly path?: string; readonly threads?: number; readonly readOnly?: boolean } = {},
): Promise<Duck> {
  const { path = ":memory:", threads = 2, readOnly = false } = options;
  const instance = await DuckDBInstance.create(path, {
    threads: `${threads}`,
    memory_limit: `${memory}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(readOnly ? { access_mode: "READ_ONLY" } : {}),
  });
  const connection = await instance.connect();
  return {
    connection,
    async run(sql) {
      await connection.run(sql);
    },
    async rows<Row>(sql: string) {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[];
    },
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
