import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/**
 * A separate migrated database, and a function to drop it (open connections are closed). Call it in beforeAll, `drop` in
 * afterAll, after the pools are closed. About 50 ms.
 */
export async function freshDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = inject("postgresUrl");
  const name = `heima_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const url = await createDatabase(server, name, inject("templateDatabase"));
  return { url, drop: () => dropDatabase(server, name) };
}

/** Creates a database and returns its URL. */
export async function createDatabase(server: string, name: string, template = "template1"): Promise<string> {
  await execute(server, `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

export const dropDatabase = (server: string, name: string) =>
  execute(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);

/** Executes one statement over a connection of its own. */
export async function execute(server: string, statement: string) {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The tables with a row that contains the text, also as bytes: `schema.table`, sorted. */
export async function tablesWith(pool: Pick<pg.Pool, "query">, text: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ table: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS table FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const patterns = [text, Buffer.from(text).toString("hex")].map((one) => `%${one}%`);
  const found: string[] = [];
  for (const { table } of rows) {
    const { rowCount } = await pool.query(`SELECT FROM ${table} AS t WHERE t::text LIKE ANY ($1) LIMIT 1`, [patterns]);
    if (rowCount === 1) found.push(table);
  }
  return found;
}
