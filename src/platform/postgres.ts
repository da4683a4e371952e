import pg from "pg";
import type { Logger } from "./logger.ts";

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
type QueryConfig = pg.QueryConfig;

/** int8 as bigint: positions do not fit a Number. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === pg.types.builtins.INT8
      ? BigInt
      : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

/**
 * A connection pool. Every wait has a time limit, so that a process that was suspended within a transaction does not hold its
 * locks for longer: see `idle_in_transaction_session_timeout` and `lock_timeout` in the Postgres manual.
 */
export function createPool(options: {
  readonly url: string;
  readonly max: number;
  readonly service: string;
  readonly logger: Logger;
  /** The server cancels a statement after this time; a second later the client gives up, in case the server hangs. */
  readonly statementTimeoutMs?: number;
}): Pool {
  const { statementTimeoutMs = 30_000 } = options;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max,
    application_name: `heima-${options.service}`,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 5_000,
    keepAlive: true,
    types,
  });
  // Between the pool and its user a connection has no error listener; an error just then (if the server closes the connection
  // in the packet of its greeting) would end this process. The connection's next query rejects anyway.
  pool.on("connect", (client) => client.on("error", () => {}));
  // Emitted when the server closes an idle connection; the next query opens a new one.
  pool.on("error", (error) => options.logger.warn({ err: error }, "lost an idle Postgres connection"));
  return pool;
}

/** A name as an identifier of SQL: names that are also words of SQL, such as `user`, are none unless they are quoted. */
export const quoted: (name: string) => string = pg.escapeIdentifier;

/** Rejects unless Postgres answers and takes writes: it is no standby, and transactions are not read-only by default. */
export async function requireWritable(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ transaction_read_only: string }>("SHOW transaction_read_only");
  if (rows[0]?.transaction_read_only === "on") throw new Error("Postgres takes no writes");
}

/** Runs `work` in a transaction: commits if it resolves, rolls back and rethrows if it rejects. */
export async function inTransaction<Result>(pool: Pool, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const lost = (error: Error) => {
    broken = error;
  };
  client.on("error", lost);
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.off("error", lost);
    client.release(broken);
  }
}

/**
 * A transaction in which each statement may take `ms`, longer than the pool allows: for copying or merging many rows. Do not
 * reuse query objects passed to `query`: the time limit is written into them.
 */
export function inLongTransaction<Result>(
  pool: Pool,
  ms: number,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  return inTransaction(pool, async (client) => {
    await client.query(`SET LOCAL statement_timeout = ${ms}`);
    // The pool's `query_timeout` would abort the statement in the client; pg reads an override from each query, also from a
    // stream.
    const query = (what: string | object, values?: unknown[]) => {
      const config = (typeof what === "string" ? { text: what } : what) as QueryConfig;
      return client.query(Object.assign(config, { query_timeout: ms + 1_000 }), values);
    };
    return work(withQuery(client, query));
  });
}

/** The client with another `query`. */
export function withQuery(client: Client, query: (text: string, values?: unknown[]) => unknown): Client {
  return new Proxy(client, {
    get(target, property) {
      if (property === "query") return query;
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
