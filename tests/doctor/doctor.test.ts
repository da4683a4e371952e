import { createServer, type Server } from "node:net";
import type { Queue } from "bullmq";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { freePort } from "../../embedded/freePort.ts";
import type { CheckResult } from "../../src/doctor/check.ts";
import { doctor } from "../../src/doctor/doctor.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { queuePrefix } from "../../src/platform/queue.ts";
import { connectRedis } from "../../src/platform/redis.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { defaultTiming } from "../../src/projections/engine/timing.ts";
import { openQueues } from "../../src/projections/engine/transport/queues.ts";
import { startPartitionWorkers } from "../../src/projections/engine/workers/partitionWorkers.ts";
import { startSharedWorkers } from "../../src/projections/engine/workers/sharedWorkers.ts";
import { readModels } from "../../src/projections/registry.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { indexAlias } from "../../src/projections/views.ts";
import { createReadModelTables } from "../queries/readModelTables.ts";
import { createDatabase, dropDatabase, freshDatabase } from "../support/database.ts";
import { freshElasticsearch } from "../support/elasticsearch.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { redisUrl } from "../support/redis.ts";
import { until } from "../support/waiting.ts";
import { wechatApp } from "../support/wechat.ts";

const logger = createLogger("test", "silent");
const password = "correct-horse-battery";
const signingSecret = "a-secret-of-the-tests-of-32-bytes-and-more";
const closing: (() => Promise<unknown>)[] = [];
let well: Record<string, string>;
/** Accepts connections and never answers. */
let silent: { server: Server; host: string };

beforeAll(async () => {
  const [database, store, redis, elasticsearch] = await Promise.all([
    ...([freshDatabase(), freshEventStore(), redisUrl(), freshElasticsearch()] as const),
  ]);
  closing.push(database.drop, store.stop, elasticsearch.stop);
  well = {
    DATABASE_URL: database.url,
    REDIS_URL: redis,
    EVENTSTORE_URL: store.url,
    ELASTICSEARCH_URL: elasticsearch.url,
    ELASTICSEARCH_PREFIX: elasticsearch.prefix,
    WECHAT_API_URL: inject("wechatUrl"),
    WECHAT_APPID: wechatApp.appid,
    WECHAT_SECRET: wechatApp.secret,
    JWT_SECRETS: `k1:${signingSecret}`,
    SESSION_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
  };
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => {})));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  silent = { server, host: `127.0.0.1:${port}` };
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});
afterAll(() => Promise.all(closing.map((close) => close())));

async function put(url: string, body: object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  expect((await fetch(url, { method: "PUT", headers, body: JSON.stringify(body) })).status).toBe(200);
}

const look = (environment: Record<string, string | undefined>, options: { timeoutMs?: number; write?: boolean } = {}) =>
  doctor({ timeoutMs: 4_000, write: true, ...options }, environment, readModels);

const statuses = (results: readonly CheckResult[]) =>
  Object.fromEntries(results.map(({ name, status }) => [name, status]));

const named = (results: readonly CheckResult[], name: string) => {
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`no check is called ${name}`);
  return found;
};

test("before the first start all is well, except that what our own processes create is missing", async () => {
  const results = await look(well);
  expect(statuses(results)).toEqual({
    node: "ok",
    configuration: "ok",
    postgres: "ok",
    migrations: "ok",
    "read models": "warning",
    dispatcher: "warning",
    redis: "ok",
    workers: "warning",
    uploads: "ok",
    "event store": "ok",
    elasticsearch: "warning",
    wechat: "ok",
  });
  for (const name of ["read models", "elasticsearch"])
    expect(named(results, name).hint).toContain("start a dispatcher and a worker");
  expect(named(results, "postgres").message).toMatch(/^127\.0\.0\.1:\d+, version 18/);
  for (const { status, hint } of results) expect(hint === undefined).toBe(status === "ok");
});

test("with everything running all is ok; a partition without a worker or without progress is named", async () => {
  const pool = createPool({ url: well.DATABASE_URL as string, max: 4, service: "dispatcher", logger });
  const redis = connectRedis({ url: well.REDIS_URL as string, blocking: true, logger });
  const workers: { close(): Promise<unknown> }[] = [];
  try {
    const [first, ...others] = (await createReadModelTables(pool)) as [Build, ...Build[]];
    const stores = { store: createPostgresStore(pool), catalog: createCatalog(pool) };
    const dependencies = { ...stores, redis, codec: createCodec(), logger, timing: defaultTiming };
    const opened = others.map((build) => startPartitionWorkers(dependencies, build));
    workers.push(...opened);
    await until("nobody listens to what all builds share", async () =>
      named(await look(well, { write: false }), "workers").message.startsWith("none for partition 0 of all builds"),
    );
    const shared = startSharedWorkers({ ...dependencies, member: "the test" });
    workers.unshift(shared);
    for (const [index, { ended }] of opened.entries()) shared.add(others[index] as Build, ended);
    const { ELASTICSEARCH_PREFIX: prefix, ELASTICSEARCH_URL: searchUrl } = well as { [name: string]: string };
    const books = [first, ...others].find(({ readModel }) => readModel.index !== undefined) as Build;
    const index = `${prefix}-${books.name}`;
    const alias = indexAlias(prefix as string, books.readModel);
    await put(`${searchUrl}/${index}`, { aliases: { [`${index}-write`]: {} } });
    const last = startPartitionWorkers(dependencies, first);
    workers.push(last);
    const workersNow = async () => named(await look(well, { write: false }), "workers");
    await until("their silence is told", async () => {
      return (await workersNow()).message.startsWith("send no heartbeat for ");
    });
    for (const build of [first, ...others]) await stores.catalog.join(build, "the test", 60_000);
    await until("all partitions have workers", async () => {
      return (await workersNow()).status === "ok";
    });
    const search = async () => named(await look(well, { write: false }), "elasticsearch");
    expect(await search()).toMatchObject({
      status: "failed",
      message: expect.stringContaining(`no alias shows ${books.name} to queries`),
      hint: expect.stringContaining("restart the dispatcher"),
    });
    await put(`${searchUrl}/${index}/_alias/${alias}`, {});
    const healthy = await look(well, { write: false });
    expect(new Set(Object.values(statuses(healthy)))).toEqual(new Set(["ok"]));
    expect(named(healthy, "event store").message).toMatch(/readable$/);
    expect(named(healthy, "elasticsearch").message).toMatch(
      new RegExp(`^127[.0-9:]+, version (9[.0-9]+|unknown), (green|yellow); ${alias} → ${index}$`),
    );

    await put(`${searchUrl}/${index}/_settings`, { "index.blocks.read_only_allow_delete": true });
    expect(await search()).toMatchObject({
      status: "failed",
      message: expect.stringContaining(`takes no writes: ${index}`),
    });

    await pool.query(
      "INSERT INTO projections.failures (build, partition, kind, position, event_id, detail) VALUES ($1, 0, 'event_unknown', 7, 'e', 'no such column')",
      [first.name],
    );
    const stopped = named(await look(well, { write: false }), "read models");
    expect(stopped.status).toBe("failed");
    expect(stopped.message).toBe(`partition 0 of ${first.name} does not advance from 7: event_unknown, no such column`);

    // A hanging process keeps its connection, and processes nothing.
    await last.close();
    const [queue] = openQueues(first, redis) as [Queue];
    await redis.client("SETNAME", `${queuePrefix}:${Buffer.from(queue.name).toString("base64")}`);
    await queue.add("batch", {});
    expect(await workersNow()).toMatchObject({
      status: "warning",
      message: `connected, but do not take what waits for partition 0 of ${first.name}`,
    });
    await queue.obliterate({ force: true });
    await pool.query(
      `INSERT INTO library_imports (id, requested_by, request_hash, file_name, options, lease_until)
       VALUES (gen_random_uuid(), 'x', 'x', 'x', '{}', now() - interval '90 seconds')`,
    );
    expect(named(await look(well, { write: false }), "uploads")).toMatchObject({
      status: "warning",
      message: expect.stringMatching(/^1 wait, for (9\d|1\d\d) s, and no worker takes one$/),
    });
    await pool.query("TRUNCATE library_imports");
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
    redis.disconnect();
    await pool.end();
  }
});

test("the event store's stream keeps one event, however often and by how many at once it is looked at", async () => {
  await Promise.all([look(well), look(well), look(well)]);
  expect(named(await look(well), "event store").status).toBe("ok");
  const eventStore = connectEventStore({ url: well.EVENTSTORE_URL as string, logger });
  try {
    const kept: string[] = [];
    for await (const { type } of eventStore.readStream("doctor")) kept.push(type);
    expect(kept).toEqual(["DoctorLooked"]);
  } finally {
    await eventStore.close();
  }
});

test("a missing part fails alone, with a remedy", async () => {
  const nobody = `127.0.0.1:${await freePort()}`;
  const results = await look({
    ...well,
    DATABASE_URL: `postgres://heima:${password}@${nobody}/heima`,
    REDIS_URL: `redis://:${password}@${nobody}`,
    EVENTSTORE_URL: `esdb://admin:${password}@${nobody}?tls=false`,
    ELASTICSEARCH_URL: `http://elastic:${password}@${nobody}`,
    WECHAT_API_URL: `http://${nobody}`,
  });
  expect(statuses(results)).toEqual({
    node: "ok",
    configuration: "ok",
    postgres: "failed",
    migrations: "skipped",
    "read models": "skipped",
    dispatcher: "skipped",
    redis: "failed",
    workers: "skipped",
    uploads: "skipped",
    "event store": "failed",
    elasticsearch: "failed",
    wechat: "failed",
  });
  for (const name of ["postgres", "redis", "elasticsearch", "wechat"])
    expect(named(results, name).message).toContain("ECONNREFUSED");
  for (const name of ["postgres", "redis", "event store", "elasticsearch", "wechat"]) {
    expect(named(results, name).message).toContain(nobody);
    expect(named(results, name).hint).toMatch(/correct [A-Z_]+_URL/);
  }
});

test("a hanging check delays no other check", async () => {
  const results = await look(
    {
      ...well,
      DATABASE_URL: `postgres://heima@${silent.host}/heima`,
      REDIS_URL: `redis://${silent.host}`,
      EVENTSTORE_URL: `esdb://${silent.host}?tls=false`,
      ELASTICSEARCH_URL: `http://${silent.host}`,
      WECHAT_API_URL: `http://${silent.host}`,
    },
    { timeoutMs: 500 },
  );
  expect(statuses(results)).toMatchObject({ postgres: "failed", redis: "failed", "event store": "failed" });
  expect(statuses(results)).toMatchObject({ elasticsearch: "failed", wechat: "failed" });
  expect(named(results, "node").status).toBe("ok");
});

describe("the configuration", () => {
  test("a missing setting is named and keeps from looking only what needs it", async () => {
    const { REDIS_URL, JWT_SECRETS, ...rest } = well;
    const results = await look(rest, { write: false });
    expect(named(results, "configuration")).toMatchObject({
      status: "failed",
      message: "REDIS_URL is not set; JWT_SECRETS is not set",
    });
    expect(named(results, "redis")).toMatchObject({ status: "skipped", message: expect.stringContaining("REDIS_URL") });
    expect(statuses(results)).toMatchObject({ postgres: "ok", "event store": "ok", wechat: "ok" });
  });

  test("a cluster of event stores is one setting, by whose nodes it is named, whether they answer or not", async () => {
    const nobody = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`);
    const { host } = new URL(well.EVENTSTORE_URL as string);
    const at = (...nodes: string[]) => look({ ...well, EVENTSTORE_URL: `esdb://${nodes.join(",")}?tls=false` });
    const results = await at(host, ...nobody);
    expect(statuses(results)).toMatchObject({ configuration: "ok", "event store": "ok" });
    expect(named(results, "event store").message).toContain([host, ...nobody].join(","));
    const away = await at(...nobody, "127.0.0.1:1");
    expect(statuses(away)).toMatchObject({ configuration: "ok", "event store": "failed" });
  });

  test("a value that its client refuses fails what needs it alone, and is not said", async () => {
    const url = `${well.EVENTSTORE_URL?.replace("//", `//admin:${password}@`).replace(/[?].*/, "")}?tls=flase`;
    const elasticsearch = `http://elastic:50%off-${password}@127.0.0.1:9`;
    const given = { ...well, EVENTSTORE_URL: url, ELASTICSEARCH_URL: elasticsearch };
    const results = await look(given, { write: false });
    expect(named(results, "configuration")).toMatchObject({
      status: "failed",
      message: "ELASTICSEARCH_URL has a % that encodes nothing; write %25 for it",
    });
    expect(named(results, "event store")).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/^EVENTSTORE_URL: expected true or false at character \d+$/),
      hint: "correct EVENTSTORE_URL",
    });
    expect(named(results, "elasticsearch")).toMatchObject({ status: "skipped" });
    expect(statuses(results)).toMatchObject({ postgres: "ok", redis: "ok", wechat: "ok" });
    expect(JSON.stringify(results)).not.toContain(password);
  });

  test("nothing set at all is still a report", async () => {
    const results = await look({});
    const { node, configuration, ...others } = statuses(results);
    expect({ node, configuration }).toEqual({ node: "ok", configuration: "failed" });
    expect(others).toMatchObject({ postgres: "skipped", redis: "skipped", "event store": "skipped" });
    expect(Object.keys(others)).toContain("elasticsearch");
  });
});

test("no secret is said, whatever goes wrong", async () => {
  const nobody = `127.0.0.1:${await freePort()}`;
  const secrets = [password, "p%40ss-word", "p@ss-word", wechatApp.secret, "not-the-right-secret", "short-secret"];
  const results = await look({
    ...well,
    DATABASE_URL: `${(well.DATABASE_URL as string).replace(/\/\/[^@]*@/, `//${password}:p%40ss-word@`)}`,
    REDIS_URL: `redis://default:${password}@${nobody}`,
    EVENTSTORE_URL: `esdb://admin:${password}@${nobody}?tls=false`,
    ELASTICSEARCH_URL: `http://elastic:${password}@${nobody}`,
    WECHAT_SECRET: "not-the-right-secret",
    JWT_SECRETS: "k1:short-secret",
  });
  const said = JSON.stringify(results.filter(({ name }) => name !== "postgres"));
  for (const secret of secrets) expect(said).not.toContain(secret);
  // The user name is no secret, and here it is the same word; Postgres reports it.
  expect(named(results, "postgres")).toMatchObject({ status: "failed" });
  expect(named(results, "postgres").message).not.toMatch(/p(@|%40)ss-word/);
  expect(named(results, "wechat")).toMatchObject({ status: "failed", hint: expect.stringContaining("WECHAT_SECRET") });
});

describe("Postgres", () => {
  test("a missing database, and one without our tables", async () => {
    const server = inject("postgresUrl");
    const absent = Object.assign(new URL(server), { pathname: "/heima_absent" }).href;
    const missing = named(await look({ ...well, DATABASE_URL: absent }, { write: false }), "postgres");
    expect(missing).toMatchObject({ status: "failed", hint: expect.stringContaining("createdb") });

    const name = `heima_doctor_${process.pid}`;
    const url = await createDatabase(server, name);
    try {
      const empty = named(await look({ ...well, DATABASE_URL: url }, { write: false }), "migrations");
      expect(empty).toMatchObject({ status: "failed", hint: "run heima migrate" });
      expect(empty.message).toMatch(/^pending: 001_accounts, 002_content/);
    } finally {
      await dropDatabase(server, name);
    }
  });

  test("a database of another encoding", async () => {
    const server = inject("postgresUrl");
    const name = `heima_latin_${process.pid}`;
    const admin = new pg.Client({ connectionString: server });
    await admin.connect();
    try {
      await admin.query(
        `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
      const latin = Object.assign(new URL(server), { pathname: `/${name}` }).href;
      const found = named(await look({ ...well, DATABASE_URL: latin }, { write: false }), "postgres");
      expect(found).toMatchObject({ status: "failed", message: expect.stringContaining("LATIN1") });
    } finally {
      await admin.end();
      await dropDatabase(server, name);
    }
  });
});
