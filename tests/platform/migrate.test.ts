import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createDatabase, dropDatabase } from "../support/database.ts";

const logger = createLogger("tests", "silent");
const name = `heima_migrate_${randomUUID().slice(0, 8)}`;
let url: string;
beforeAll(async () => {
  url = await createDatabase(inject("postgresUrl"), name);
});
afterAll(() => dropDatabase(inject("postgresUrl"), name));

test("five processes that migrate at once run each migration once, and all succeed", async () => {
  const ran = await Promise.all(Array.from({ length: 5 }, () => migrate(url, logger)));
  const files = await readdir(new URL("../../migrations/", import.meta.url));
  expect(ran.flat().sort()).toEqual(files.map((file) => file.replace(/\.sql$/, "")).sort());

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const columns = await client.query(
    "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND table_name IN ('accounts', 'content') ORDER BY 1",
  );
  await client.end();
  expect(columns.rows.map((row) => row.name)).toEqual([
    "accounts.erased_at",
    "accounts.forgotten_at",
    "accounts.openid",
    "accounts.reader_id",
    "accounts.registered_at",
    "accounts.roles",
    "content.length",
    "content.sha256",
    "content.text",
  ]);
});

test("a second run finds nothing to do", async () => {
  expect(await migrate(url, logger)).toEqual([]);
});
