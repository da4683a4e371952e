import { readdir } from "node:fs/promises";
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "./logger.ts";
import type { Pool } from "./postgres.ts";

const migrations = fileURLToPath(new URL("../../migrations", import.meta.url));

/**
 * Runs the pending migrations (migrations/: the tables that belong to no read model) and returns their names in order. Several
 * processes may call it at once: an advisory lock lets one work while the others wait and then find nothing to do. All
 * migrations run in one transaction: if one fails, it rejects and the database is unchanged.
 */
export async function migrate(databaseUrl: string, logger: Logger): Promise<string[]> {
  // Here, because every command of the CLI would load it for one that uses it.
  const { runner } = await import("node-pg-migrate");
  const ran = await runner({
    databaseUrl: { connectionString: databaseUrl, connectionTimeoutMillis: 5_000, application_name: "heima-migrate" },
    dir: migrations,
    migrationsTable: "migrations",
    direction: "up",
    advisoryLockMode: "wait",
    log: (message) => logger.debug(message),
  });
  return ran.map((migration) => migration.name);
}

/** The names of the migrations that `migrate` would run, in order. */
export async function pendingMigrations(pool: Pool): Promise<string[]> {
  const files = await readdir(migrations);
  const known = files
    .filter((file) => file.endsWith(".sql"))
    .map((file) => parse(file).name)
    .sort();
  const table = await pool.query<{ there: boolean }>("SELECT to_regclass('migrations') IS NOT NULL AS there");
  if (!table.rows[0]?.there) return known;
  const ran = await pool.query<{ name: string }>("SELECT name FROM migrations");
  const done = new Set(ran.rows.map(({ name }) => name));
  return known.filter((name) => !done.has(name));
}
