import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startChild, whenReady } from "../../embedded/childProcess.ts";
import { freePort } from "../../embedded/freePort.ts";
import { findBinaries } from "../../embedded/postgres/binaries.ts";
import { postgresPrivileges } from "../../embedded/postgres/privileges.ts";
import { startPostgres } from "../../embedded/postgres/start.ts";
import { leftOver } from "../support/leftOverProcess.ts";

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

test("refuses the folder of a server that runs", async () => {
  await expect(startPostgres({ ...options, port: await freePort() })).rejects.toThrow(
    `${dir} is in use by process ${process.pid}: only one data may run there`,
  );
  expect(await query("SELECT 1::text AS one")).toEqual([{ one: "1" }]);
});

// Other systems do not show whose processes they are.
test.runIf(process.platform === "linux")(
  "kills all processes of an earlier start at once: its checkpointer would mark the cluster as shut down before the others end",
  async () => {
    await engine.stop();
    const { postgres } = await findBinaries();
    const server = await startChild({
      command: postgres,
      arguments: ["-D", options.dataDir, "-p", `${options.port}`, "-c", "unix_socket_directories="],
      logFile: options.logFile,
      deathSignal: "QUIT",
      privileges: postgresPrivileges([postgres, options.dataDir]).setpriv,
    });
    await whenReady("postgres", server, options.logFile, 60_000, () =>
      query("INSERT INTO book VALUES ('水浒传')").then(
        () => true,
        () => false,
      ),
    );
    const other = await leftOver("postgres", dir, options.dataDir);
    engine = await startPostgres(options);
    expect(await server.exited).toBe("SIGKILL");
    expect(await other.closed).toEqual({ signal: "SIGKILL", heard: "" });
    expect(await query("SELECT count(*)::text FROM book WHERE title = '水浒传'")).toEqual([{ count: "1" }]);
  },
);

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
