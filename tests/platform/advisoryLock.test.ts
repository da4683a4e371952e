import { afterAll, beforeAll, expect, test } from "vitest";
import { type HeldLock, withAdvisoryLock } from "../../src/platform/advisoryLock.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { freshDatabase } from "../support/database.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: createLogger("test", "silent") });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test("one session holds the lock, and its end is noticed", async () => {
  const locked = await withAdvisoryLock(pool, "a", async (lock: HeldLock) => {
    expect(await withAdvisoryLock(pool, "a", async () => "held twice")).toBeUndefined();
    lock.requireHeld();
    const { rows } = await lock.session.query("SELECT pg_backend_pid() AS pid");
    await pool.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
    await expect.poll(() => lock.lost.aborted).toBe(true);
    expect(lock.requireHeld).toThrow("the lock of a is lost");
    await expect(lock.session.query("SELECT 1")).rejects.toThrow();
    return "done";
  });
  expect(locked).toBe("done");
  expect(await withAdvisoryLock(pool, "a", async () => "free", 5_000)).toBe("free");
});

test("the server gives up the session of a machine that is gone", async (context) => {
  const { rows } = await pool.query("SELECT inet_server_addr() IS NULL AS local");
  if (rows[0].local) context.skip("Postgres is reached over a Unix socket, which has no keepalives");
  await withAdvisoryLock(pool, "b", async ({ session }) => {
    expect((await session.query("SHOW tcp_keepalives_idle")).rows).toEqual([{ tcp_keepalives_idle: "30" }]);
  });
});

test("a connection whose request for the lock was not answered is closed: the server may grant it yet", async () => {
  const released: unknown[] = [];
  const silent = {
    on: () => {},
    off: () => {},
    release: (error: unknown) => released.push(error),
    query: () => Promise.reject(new Error("Query read timeout")),
  };
  const connected = { connect: async () => silent } as unknown as Pool;
  await expect(withAdvisoryLock(connected, "c", async () => "held")).rejects.toThrow("Query read timeout");
  expect(released).toEqual([new Error("Query read timeout")]);
});
