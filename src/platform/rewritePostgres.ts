import type { Logger } from "./logger.ts";
import { createPool } from "./postgres.ts";

/** The time limit of one statement in milliseconds: tables of many gigabytes are rewritten. */
const statementMs = 6 * 60 * 60_000;

/** SQLSTATE insufficient_privilege. */
const forbidden = "42501";
/** SQLSTATE undefined_table and invalid_schema_name: a build has ended, with its tables. */
const gone = new Set(["42P01", "3F000"]);
/** SQLSTATE of notices that are no warnings. */
const success = "00000";

/** The outcome of a statement: `left` for lack of permission, `gone` because there is no such table any more. */
type Outcome = "done" | "left" | "gone";

/**
 * Rewrites all tables, so that their files contain only live rows (VACUUM FULL leaves no old bytes, plain VACUUM does),
 * including the planner's statistics, and switches to a new file of the write-ahead log. Each table is locked while it is
 * rewritten. `left`: what this connection's user may not do, or the server's configuration does not allow. Rejects when
 * `giveUp` is aborted, whose reason begins the message; the statement that runs is cancelled.
 */
export async function rewritePostgres(
  url: string,
  logger: Logger,
  giveUp: AbortSignal,
): Promise<{ readonly tables: number; readonly left: readonly string[] }> {
  // The second connection cancels what the first one runs.
  const pool = createPool({ url, max: 2, statementTimeoutMs: statementMs, service: "purge", logger });
  try {
    const session = await pool.connect();
    const { rows: own } = await session.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const cancel = () => void pool.query("SELECT pg_cancel_backend($1)", [own[0]?.pid]).catch(() => {});
    giveUp.addEventListener("abort", cancel);
    let warned = false;
    // VACUUM skips what its user may not vacuum with a mere warning.
    session.on("notice", ({ code }) => {
      warned ||= code !== success;
    });

    const run = async (statement: string): Promise<Outcome> => {
      const givenUp = () => new Error(`${giveUp.reason}, not all tables of Postgres are written anew`);
      if (giveUp.aborted) throw givenUp();
      warned = false;
      try {
        await session.query(statement);
        return warned ? "left" : "done";
      } catch (error) {
        if (giveUp.aborted) throw givenUp();
        const { code = "" } = error as { code?: string };
        if (code === forbidden) return "left";
        if (gone.has(code)) return "gone";
        throw error;
      }
    };

    try {
      return await rewriteAll(run, async (query) => (await session.query(query)).rows);
    } finally {
      giveUp.removeEventListener("abort", cancel);
      session.release(true);
    }
  } finally {
    await pool.end();
  }
}

async function rewriteAll(
  run: (statement: string) => Promise<Outcome>,
  rowsOf: (query: string) => Promise<readonly Record<string, string>[]>,
): Promise<{ readonly tables: number; readonly left: readonly string[] }> {
  const left = new Set<string>();
  const orLeft = async (what: string, statement: string) => {
    const outcome = await run(statement);
    if (outcome === "left") left.add(what);
    return outcome;
  };
  await run("SET lock_timeout = '60s'");
  const paths = await rowsOf(
    `SELECT format('%I.%I', schemaname, tablename) AS path FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  let tables = 0;
  for (const { path } of paths)
    if ((await orLeft(`the table ${path} of Postgres`, `VACUUM (FULL, ANALYZE) ${path}`)) === "done") tables++;
  // It contains samples of column values: ANALYZE has replaced those of deleted rows.
  await orLeft("the planner's samples of Postgres", "VACUUM FULL pg_catalog.pg_statistic");
  for (const statement of ["CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"])
    await orLeft("the write-ahead log of Postgres, until it is overwritten", statement);
  const [setting] = await rowsOf("SHOW wal_recycle");
  if (setting?.wal_recycle === "on")
    left.add("files of Postgres' write-ahead log that are used again (wal_recycle is on)");
  return { tables, left: [...left] };
}
