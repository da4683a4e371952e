import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createLogger } from "../../src/platform/logger.ts";
import { rewritePostgres } from "../../src/platform/rewritePostgres.ts";
import { execute, freshDatabase } from "../support/database.ts";

const logger = createLogger("test", "silent");
const role = `purger_${randomUUID().slice(0, 8)}`;
const never = new AbortController().signal;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let asRole: string;
beforeAll(async () => {
  database = await freshDatabase();
  asRole = Object.assign(new URL(database.url), { username: role, password: "p" }).href;
  await execute(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'p'`);
  await execute(database.url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
  await execute(database.url, `CREATE SCHEMA its AUTHORIZATION ${role}`);
  await execute(asRole, "CREATE TABLE its.own (n int)");
  await execute(database.url, "CREATE SCHEMA hidden");
  await execute(database.url, "CREATE TABLE hidden.away (n int)");
});
afterAll(async () => {
  await database.drop();
  await execute(inject("postgresUrl"), `DROP ROLE ${role}`);
});

test("the owner of the server rewrites every table", async () => {
  const { tables, left } = await rewritePostgres(database.url, logger, never);
  expect(tables).toBeGreaterThan(10);
  expect(left.filter((what) => !what.includes("wal_recycle"))).toEqual([]);
});

test("what a user may use but not vacuum is left and not counted, the planner's samples among it", async () => {
  const { tables, left } = await rewritePostgres(asRole, logger, never);
  expect(tables).toBe(1);
  expect(left).toContain("the table public.accounts of Postgres");
  expect(left).toContain("the table hidden.away of Postgres");
  expect(left).toContain("the planner's samples of Postgres");
  expect(left).not.toContain("the table its.own of Postgres");
});

test("given up, it cancels the statement that runs", async () => {
  const giveUp = new AbortController();
  const [holder, watcher] = [1, 2].map(() => new pg.Client({ connectionString: database.url })) as [
    pg.Client,
    pg.Client,
  ];
  await Promise.all([holder.connect(), watcher.connect()]);
  try {
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE accounts");
    const rewriting = rewritePostgres(database.url, logger, giveUp.signal);
    const refused = expect(rewriting).rejects.toThrow("interrupted, not all tables of Postgres are written anew");
    const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await expect.poll(async () => (await watcher.query(waiting)).rowCount, { timeout: 20_000 }).toBe(1);
    giveUp.abort("interrupted");
    await refused;
    expect((await watcher.query(waiting)).rowCount).toBe(0);
  } finally {
    await Promise.all([holder.end(), watcher.end()]);
  }
});
