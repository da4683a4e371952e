import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../embedded/freePort.ts";
import { startPostgres } from "../../embedded/postgres/start.ts";
import { startRedis } from "../../embedded/redis/start.ts";
import { answers } from "../../embedded/supervisor/answers.ts";
import { startElasticsearchProcess } from "../../embedded/supervisor/elasticsearch.ts";
import { startEventStoreProcess } from "../../embedded/supervisor/eventStore.ts";
import { givenParts } from "../../embedded/supervisor/given.ts";
import { readGiven } from "../../embedded/supervisor/givenFile.ts";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { addressOf } from "../../src/platform/serverUrl.ts";
import { running } from "../support/processes.ts";
import { until } from "../support/waiting.ts";

describe("what the environment gives", () => {
  test("is named by host and port, however its URL is written, and never by a password", () => {
    const given = givenParts({
      DATABASE_URL: "postgres://heima:s%40cret@db.example:5433/heima?sslmode=require",
      REDIS_URL: "rediss://:secret@[::1]:6380/2",
      EVENTSTORE_URL: "esdb+discover://admin:s@cret@one.example:2113,two.example?tls=true",
      ELASTICSEARCH_URL: "https://elastic:secret@search.example:9200/behind/a/proxy",
    });
    expect(Object.values(given).map(({ address }) => address)).toEqual([
      "db.example:5433",
      "[::1]:6380",
      "one.example:2113,two.example",
      "search.example:9200",
    ]);
    // Our own processes, which share no code with the supervisor, accept the same.
    for (const { url, address } of Object.values(given)) expect(addressOf(url)).toBe(address);
    expect(givenParts({ EVENTSTORE_URL: "", DATABASE_URL: undefined })).toEqual({});
  });

  test.each([
    "postgres://heima:sec/ret@db.example/heima",
    "postgres://heima:sec?ret@db.example/heima",
    "postgres://heima:12?ret@db.example/heima",
    "db.example:5432",
    "postgres:///heima",
  ])("is refused without being repeated when its host cannot be told: %s", (url) => {
    const refused = () => givenParts({ DATABASE_URL: url });
    expect(refused).toThrow(/^DATABASE_URL is no URL with a host/);
    expect(refused).not.toThrow(/sec|ret|12/);
    expect(addressOf(url)).toBe("");
  });

  test("has commands only with URLs, and WeChat only with its credentials", () => {
    const url = "esdb://127.0.0.1:2113";
    expect(givenParts({ EVENTSTORE_URL: url, EVENTSTORE_START_COMMAND: "exec eventstored" }).eventstore).toEqual({
      url,
      address: "127.0.0.1:2113",
      command: "exec eventstored",
    });
    expect(() => givenParts({ EVENTSTORE_START_COMMAND: "exec eventstored" })).toThrow("without EVENTSTORE_URL");
    const WECHAT_API_URL = "https://api.weixin.qq.com";
    expect(() => givenParts({ WECHAT_API_URL })).toThrow("WECHAT_APPID");
    const credentials = { WECHAT_APPID: "wx1", WECHAT_SECRET: "s" };
    expect(givenParts({ WECHAT_API_URL, ...credentials }).wechat).toMatchObject({ credentials });
  });
});

let dir: string;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-given-"));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await rm(dir, { recursive: true, force: true });
});

async function at(name: string) {
  return { dataDir: join(dir, "given", name), port: await freePort(), logFile: join(dir, `${name}.log`) };
}

test("servers that run elsewhere are used, not started, not killed and not stopped", async () => {
  const password = randomUUID();
  const [postgres, redis, eventstore, elasticsearch] = await Promise.all([
    startPostgres({ ...(await at("postgres")), password }),
    startRedis(await at("redis")),
    startEventStoreProcess(await at("eventstore")),
    startElasticsearchProcess(await at("elasticsearch")),
  ]);
  stops.push(postgres.stop, redis.stop, eventstore.stop, elasticsearch.stop);
  const environment = {
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    EVENTSTORE_URL: eventstore.url,
    ELASTICSEARCH_URL: elasticsearch.url,
  };
  const lines: string[] = [];
  const stack = await startStack({
    dataDir: join(dir, "stack"),
    onlyEngines: true,
    given: givenParts(environment),
    progress: (line) => lines.push(line),
  });
  try {
    expect(stack.environment).toMatchObject(environment);
    expect(Object.keys(stack.processes())).toEqual(["wechat"]);
    expect(stack.foreign).toEqual(["postgres", "redis", "eventstore", "elasticsearch"]);
    for (const name of stack.foreign) expect(stack.kill(name, "SIGKILL")).toBe(false);
    expect(lines).toEqual([
      `postgres given: ${new URL(postgres.url).host}`,
      `redis given: ${new URL(redis.url).host}`,
      `eventstore given: ${new URL(eventstore.url).host}`,
      `elasticsearch given: ${new URL(elasticsearch.url).host}`,
      "starting WeChat",
    ]);
    expect(lines.join()).not.toContain(password);
  } finally {
    await stack.stop();
  }
  expect(running([postgres.pid, redis.pid, eventstore.pid, elasticsearch.pid])).toHaveLength(4);
});

describe("a given server with a command", () => {
  test("is started, started again when it is killed, with all that belongs to it, and stopped", async () => {
    const port = await freePort();
    const url = `esdb://127.0.0.1:${port}?tls=false`;
    const program = `${process.execPath} bin/run.js embedded/eventstore/main.ts`;
    // No exec: the server is a child of the shell, and must end with it.
    const command = `${program} --port ${port} --data-dir ${join(dir, "events")} & echo server $!; wait`;
    const given = givenParts({ EVENTSTORE_URL: url, EVENTSTORE_START_COMMAND: command });
    const stack = await startStack({ dataDir: join(dir, "stack"), onlyEngines: true, given });
    stops.push(stack.stop);
    const servers = async () => {
      const log = await readFile(join(dir, "stack/logs/eventstore.log"), "utf8");
      return [...log.matchAll(/^server (\d+)$/gm)].map(([, pid]) => Number(pid));
    };
    expect(stack.foreign).toEqual([]);
    expect(running(await servers())).toHaveLength(1);

    expect(stack.kill("eventstore", "SIGKILL")).toBe(true);
    await until("it runs again", () => {
      const { restarts, pid } = stack.processes().eventstore ?? {};
      return (restarts ?? 0) > 0 && pid !== null;
    });
    const started = await servers();
    expect(running(started)).toEqual(started.slice(-1));
    expect(await answers("eventstore", url)).toBe(true);
    const state = JSON.parse(await readFile(join(dir, "stack/supervisor.json"), "utf8"));
    expect(state).toMatchObject({ given: ["eventstore"], processes: { eventstore: {} } });

    await stack.stop();
    expect(running(await servers())).toEqual([]);
    expect(await readGiven(join(dir, "stack"))).toEqual(["eventstore"]);
  });

  test("that fails is reported with the end of its log", async () => {
    const given = givenParts({
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      REDIS_START_COMMAND: "echo no licence; exit 3",
    });
    const start = startStack({ dataDir: join(dir, "stack"), onlyEngines: true, given });
    await expect(start).rejects.toThrow(/the command of the redis did not start \(exit code 3\)[\s\S]*no licence/);
    // Nothing was written with it.
    expect(await readGiven(join(dir, "stack"))).toEqual([]);
  });
});

test("what listens but does not speak the language does not answer", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  stops.push(async () => silent.close());
  const { port } = silent.address() as { port: number };
  const urls = {
    postgres: `postgres://heima:x@127.0.0.1:${port}/heima`,
    redis: `redis://127.0.0.1:${port}`,
    eventstore: `esdb://127.0.0.1:${port}?tls=false`,
    elasticsearch: `http://heima:x@127.0.0.1:${port}`,
    wechat: `http://127.0.0.1:${port}`,
  };
  const answered = await Promise.all([
    answers("postgres", urls.postgres),
    answers("redis", urls.redis),
    answers("eventstore", urls.eventstore),
    answers("elasticsearch", urls.elasticsearch),
    answers("wechat", urls.wechat),
  ]);
  expect(answered).toEqual([false, false, false, false, false]);
});
