import { createSecretKey, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Engine } from "../../embedded/childProcess.ts";
import { freePort } from "../../embedded/freePort.ts";
import { startRedis } from "../../embedded/redis/start.ts";
import { createSessionKeys } from "../../src/auth/sessionKeys.ts";
import { runChecks } from "../../src/doctor/check.ts";
import { doctor } from "../../src/doctor/doctor.ts";
import { redisCheck } from "../../src/doctor/redis.ts";
import { createReadiness } from "../../src/http/health/readiness.ts";
import { problemOf } from "../../src/http/problemOf.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool, requireWritable } from "../../src/platform/postgres.ts";
import { connectRedis, writeToRedis } from "../../src/platform/redis.ts";
import { createDatabase, dropDatabase, execute, freshDatabase } from "../support/database.ts";

// Servers that answer but refuse writes: the doctor, readiness and the answers of the API report it.

const logger = createLogger("test", "silent");
const thrownBy = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const wellFed = async () => ({ ready: true, readModels: {} });

describe("Redis", () => {
  let folder: string;
  let server: Engine;
  let admin: Redis;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "heima-full-redis-"));
    server = await startRedis({ dataDir: join(folder, "redis"), port: await freePort(), logFile: join(folder, "log") });
    admin = new Redis(server.url);
    await admin.acl("SETUSER", "reader", "on", ">secret", "~*", "&*", "+@read", "+@connection", "+info");
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const set = (name: string, value: string) => async () => void (await admin.config("SET", name, value));

  test.each([
    ["full", "OOM", "raise maxmemory", set("maxmemory", "1"), set("maxmemory", "0"), ""],
    [
      "without its replicas",
      "NOREPLICAS",
      "start its replicas",
      set("min-replicas-to-write", "1"),
      set("min-replicas-to-write", "0"),
      "",
    ],
    ["with a user that may not write", "NOPERM", "ACL SETUSER", async () => {}, async () => {}, "reader:secret@"],
  ])("that is %s (%s)", async (_what, code, hint, begin, end, user) => {
    const url = server.url.replace("//", `//${user}`);
    const connect = () => connectRedis({ url, blocking: false, logger });
    const redis = connect();
    const look = async (write: boolean) => (await runChecks([redisCheck(connect, "redis:6379", write)], 4_000))[0];
    const readiness = createReadiness({ redis: () => writeToRedis(redis) }, wellFed);
    try {
      if (user === "") {
        expect(await look(true)).toMatchObject({ status: "ok" });
        expect(await createReadiness({ redis: () => writeToRedis(redis) }, wellFed)()).toMatchObject({ ready: true });
      }
      await begin();
      expect(await look(true)).toMatchObject({
        status: "failed",
        message: expect.stringContaining(`redis:6379, readable; a write failed: ${code}`),
        hint: expect.stringContaining(hint),
      });
      expect(await look(false)).toMatchObject({ status: "ok" });
      expect(await readiness()).toMatchObject({ ready: false, dependencies: { redis: "down" } });
      const keys = [{ kid: "k1", key: createSecretKey(randomBytes(32)) }];
      const error = await thrownBy(createSessionKeys({ redis, keys }).save("reader", "session"));
      expect(problemOf(error).code).toBe("dependency_unavailable");
      const ofTransaction = await thrownBy(redis.multi().set("a", "b").exec());
      expect(problemOf(ofTransaction).code).toBe("dependency_unavailable");
    } finally {
      await end();
      redis.disconnect();
    }
  });
});

describe("Postgres", () => {
  test("whose transactions are read-only by default", async () => {
    const database = await freshDatabase();
    const name = new URL(database.url).pathname.slice(1);
    const pools: Pool[] = [];
    const open = () => {
      const pool = createPool({ url: database.url, max: 1, service: "test", logger });
      pools.push(pool);
      return pool;
    };
    const look = async () =>
      (await doctor({ timeoutMs: 4_000, write: false }, { DATABASE_URL: database.url }, [])).find(
        (result) => result.name === "postgres",
      );
    try {
      expect(await look()).toMatchObject({ status: "ok" });
      await requireWritable(open());
      await execute(database.url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      expect(await look()).toMatchObject({
        status: "failed",
        message: expect.stringContaining("default_transaction_read_only is on"),
        hint: expect.stringContaining("default_transaction_read_only off"),
      });
      const pool = open();
      expect(await createReadiness({ postgres: () => requireWritable(pool) }, wellFed)()).toMatchObject({
        ready: false,
        dependencies: { postgres: "down" },
      });
      const error = await thrownBy(pool.query("CREATE TABLE written (id int)"));
      expect(problemOf(error).code).toBe("dependency_unavailable");
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    }
  });

  test("whose user may not create tables in the schema public, and what needs these tables is not looked at", async () => {
    const server = inject("postgresUrl");
    const name = `heima_grants_${process.pid}`;
    const password = randomBytes(8).toString("hex");
    const url = await createDatabase(server, name);
    try {
      await execute(url, `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
      await execute(url, `GRANT CREATE ON DATABASE ${name} TO ${name}`);
      const limited = Object.assign(new URL(url), { username: name, password }).href;
      const look = async () => {
        const results = await doctor({ timeoutMs: 4_000, write: false }, { DATABASE_URL: limited }, []);
        return Object.fromEntries(results.map((result) => [result.name, result]));
      };
      const before = await look();
      expect(before.migrations).toMatchObject({
        status: "failed",
        message: expect.stringContaining("may not create tables in the schema public"),
        hint: expect.stringMatching(/^GRANT CREATE ON SCHEMA public TO .*, then run heima migrate$/),
      });
      expect(before["read models"]).toMatchObject({
        status: "skipped",
        message: "not checked: migrations must pass first",
      });
      await execute(url, `GRANT CREATE ON SCHEMA public TO ${name}`);
      expect((await look()).migrations).toMatchObject({ status: "failed", hint: "run heima migrate" });
    } finally {
      await dropDatabase(server, name);
      await execute(server, `DROP ROLE IF EXISTS ${name}`);
    }
  });

  test("that has no connection left says how many the processes need", async () => {
    const server = inject("postgresUrl");
    const name = `heima_few_${process.pid}`;
    const url = await createDatabase(server, name);
    const password = randomBytes(8).toString("hex");
    const holder = new pg.Client({
      connectionString: Object.assign(new URL(url), { username: name, password }).href,
    });
    holder.on("error", () => {});
    try {
      await execute(url, `CREATE ROLE ${name} LOGIN PASSWORD '${password}' CONNECTION LIMIT 1`);
      await holder.connect();
      const environment = { DATABASE_URL: Object.assign(new URL(url), { username: name, password }).href };
      const results = await doctor({ timeoutMs: 4_000, write: false }, environment, []);
      expect(results.find((result) => result.name === "postgres")).toMatchObject({
        status: "failed",
        hint: "raise max_connections: an api takes 12, a dispatcher 8, a worker 16",
      });
    } finally {
      await holder.end();
      await dropDatabase(server, name);
      await execute(server, `DROP ROLE IF EXISTS ${name}`);
    }
  });
});
