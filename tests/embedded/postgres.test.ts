import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../embedded/childProcess.ts";
import { freePort } from "../../embedded/freePort.ts";
import { startPostgres } from "../../embedded/postgres/start.ts";

let dir: string;
let engine: Engine;
let options: Parameters<typeof startPostgres>[0];
beforeAll(async () => {
  // mkdtemp makes the folder with mode 700: closed to the user that root runs Postgres as, like a project under /root.
  dir = await mkdtemp(join(tmpdir(), "heima-postgres-"));
  options = {
    dataDir: join(dir, "data"),
    port: await freePort(),
    password: "p@ss/wörd",
    logFile: join(dir, "postgres.log"),
  };
  engine = await startPostgres(options);
  await query("CREATE TABLE book (title text)");
});
afterAll(async () => {
  await engine.stop();
  await rm(dir, { recursive: true });
});

async function query(text: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: engine.url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test("keeps every acknowledged row through kill -9, on the same port", async () => {
  const { url } = engine;
  await query("INSERT INTO book VALUES ('红楼梦')");
  process.kill(engine.pid, "SIGKILL");
  expect(await engine.exited).toBe("SIGKILL");
  engine = await startPostgres(options);
  expect(engine.url).toBe(url);
  expect(await query("SELECT title FROM book")).toEqual([{ title: "红楼梦" }]);
});

test("starts when a postmaster.pid of a killed start names a process that lives, but is another", async () => {
  process.kill(engine.pid, "SIGKILL");
  await engine.exited;
  const file = join(options.dataDir, "postmaster.pid");
  const lines = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, [process.ppid, ...lines.slice(1)].join("\n"));
  engine = await startPostgres(options);
  expect(await query("SELECT 1::text AS one")).toEqual([{ one: "1" }]);
});

test("stops a server of an earlier start that is still there, in good order, and takes over", async () => {
  const earlier = engine;
  engine = await startPostgres(options);
  expect(await earlier.exited).toBe("exit code 0");
  expect(await query("SELECT 1::text AS one")).toEqual([{ one: "1" }]);
});

test("flushes to disk, has room for 200 connections, listens on the local interface only", async () => {
  const names = ["fsync", "synchronous_commit", "max_connections", "listen_addresses", "server_encoding"];
  const rows = await query(
    `SELECT name, setting FROM pg_settings WHERE name IN (${names.map((name) => `'${name}'`).join()})`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: "on",
    synchronous_commit: "on",
    max_connections: "200",
    listen_addresses: "127.0.0.1",
    server_encoding: "UTF8",
  });
});

test("asks for the password", async () => {
  const wrong = new pg.Client({ connectionString: Object.assign(new URL(engine.url), { password: "wrong" }).href });
  await expect(wrong.connect()).rejects.toMatchObject({ code: "28P01" });
});
