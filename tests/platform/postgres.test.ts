import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { freshDatabase } from "../support/database.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 2, service: "test", logger: createLogger("test", "silent") });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test("int8 comes as bigint: positions do not fit a number", async () => {
  const found = await pool.query("SELECT 9007199254740993::int8 AS position");
  expect(found.rows).toEqual([{ position: 9_007_199_254_740_993n }]);
});

test("a connection that fails before its borrower listens does not end the process", async () => {
  const client = await pool.connect();
  // An 'error' event without a listener is thrown.
  expect(() => client.emit("error", new Error("terminating connection"))).not.toThrow();
  client.release(true);
});
