import type { Logger } from "./logger.ts";
import { createPool } from "./postgres.ts";

/** The time limit of one statement in milliseconds: tables of many gigabytes are rewritten. */
const statementMs = 6 * 60 * 60_000;

/** SQLSTATE insufficient_privilege. */
const forbidden = "42501";

/**
 * Rewrites all tables, so that their files contain only live rows (VACUUM FULL leaves no old bytes, plain VACUUM does),
 * including the planner's statistics, and switches to a new file of the write-ahead log. Each table is locked while it is
 * rewritten. `left`: what this connection's user may not do, or the server's configuration does not allow.
 */
export async function rewritePostgres(
  url: string,
  logger: Logger,
): Promise<{ readonly tables: number; readonly left: readonly string[] }> {
  const pool = createPool({ url, max: 1, statementTimeoutMs: statementMs, service: "purge", logger });
  const left: string[] = [];
  try {
    await pool.query("SET lock_timeout = '60s'");
    const { rows } = await pool.query<{ path: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS path FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    );
    let tables = 0;
    for (const { path } of rows) if (await rewritten(path)) tables++;
    // It contains samples of column values: ANALYZE has replaced those of deleted rows.
    await orLeft("the planner's samples of Postgres", "VACUUM FULL pg_catalog.pg_statistic");
    for (const statement of ["CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"])
      await orLeft("the write-ahead log of Postgres, until it is overwritten", statement);
    const { rows: settings } = await pool.query("SHOW wal_recycle");
    if (settings[0]?.wal_recycle === "on")
      left.push("files of Postgres' write-ahead log that are used again (wal_recycle is on)");
    return { tables, left: [...new Set(left)] };
  } finally {
    await pool.end();
  }

  /** False if the table no longer exists, as after the end of a build. */
  async function rewritten(path: string): Promise<boolean> {
    try {
      await pool.query(`VACUUM (FULL, ANALYZE) ${path}`);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "42P01" || (error as { code?: string }).code === "3F000") return false;
      throw error;
    }
  }

  async function orLeft(what: string, statement: string): Promise<void> {
    try {
      await pool.query(statement);
    } catch (error) {
      if ((error as { code?: string }).code !== forbidden) throw error;
      left.push(what);
    }
  }
}
