import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventStoreDBClient, jsonEvent, NO_STREAM } from "@eventstore/db-client";
import { Redis } from "ioredis";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { engineNames } from "../../embedded/supervisor/engineNames.ts";
import { readGiven, writeGiven } from "../../embedded/supervisor/givenFile.ts";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { running } from "../support/processes.ts";
import { untilWritten } from "../support/redis.ts";
import { until } from "../support/waiting.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-supervisor-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

type State = { pid: number; processes: Record<string, { pid: number | null; restarts: number }> };
const stateOf = async (dataDir: string): Promise<State> =>
  JSON.parse(await readFile(join(dataDir, "supervisor.json"), "utf8"));

const usingPostgres = async (url: string, text: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};

const usingRedis = async <Result>(url: string, work: (redis: Redis) => Promise<Result>) => {
  const redis = new Redis(url, { maxRetriesPerRequest: 0 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};

const usingEventStore = async <Result>(url: string, work: (client: EventStoreDBClient) => Promise<Result>) => {
  const client = EventStoreDBClient.connectionString(url);
  try {
    return await work(client);
  } finally {
    await client.dispose();
  }
};

const indicesOf = async (url: string) => Object.keys((await (await fetch(`${url}/_alias`)).json()) as object);

/** The types of a stream's events. */
const typesOf = (url: string, stream: string) =>
  usingEventStore(url, async (client) => {
    const types: string[] = [];
    for await (const { event } of client.readStream(stream)) types.push(event?.type ?? "");
    return types;
  });

describe("engines that are killed with -9", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await startStack({ dataDir: dir, onlyEngines: true, given: {} });
  });
  afterEach(() => stack.stop());

  test("come back as new processes on the same ports with their data, Elasticsearch empty, and supervisor.json names them", async () => {
    const { DATABASE_URL = "", REDIS_URL = "", EVENTSTORE_URL = "", ELASTICSEARCH_URL = "" } = stack.environment;
    await usingPostgres(DATABASE_URL, "CREATE TABLE kept AS SELECT 'a row' AS what");
    await usingEventStore(EVENTSTORE_URL, (client) =>
      client.appendToStream("shelf-1", jsonEvent({ type: "Kept", data: {} }), { expectedRevision: NO_STREAM }),
    );
    await usingRedis(REDIS_URL, async (redis) => {
      await redis.set("kept", "a value");
      await untilWritten(redis);
    });
    expect((await fetch(`${ELASTICSEARCH_URL}/books`, { method: "PUT" })).status).toBe(200);
    expect(await indicesOf(ELASTICSEARCH_URL)).toEqual(["books"]);
    const before = stack.processes();

    for (const name of engineNames) expect(stack.kill(name, "SIGKILL")).toBe(true);
    await until("all run again", () =>
      engineNames.every((name) => stack.processes()[name]?.restarts === 1 && stack.processes()[name]?.pid !== null),
    );

    expect(await usingPostgres(DATABASE_URL, "SELECT what FROM kept")).toEqual([{ what: "a row" }]);
    expect(await usingRedis(REDIS_URL, (redis) => redis.get("kept"))).toBe("a value");
    expect(await typesOf(EVENTSTORE_URL, "shelf-1")).toEqual(["Kept"]);
    expect(await indicesOf(ELASTICSEARCH_URL)).toEqual([]);
    expect((await fetch(`${stack.wechat}/wx.login?user=daiyu`)).status).toBe(200);
    for (const name of engineNames) expect(stack.processes()[name]?.pid).not.toBe(before[name]?.pid);
    await until("supervisor.json is up to date", async () => {
      const { processes } = await stateOf(dir);
      return JSON.stringify(processes) === JSON.stringify(stack.processes());
    });
    for (const file of ["supervisor.json", "secrets.json"]) {
      expect((await stat(join(dir, file))).mode & 0o777, `${file} is the owner's alone`).toBe(0o600);
    }
  });
});

test("two stacks run at once, each on its own ports; a folder in use is refused", async () => {
  const folders = [join(dir, "one"), join(dir, "two")] as const;
  await mkdir(folders[0]);
  await writeGiven(folders[0], ["eventstore"]);
  const stacks = await Promise.all(folders.map((dataDir) => startStack({ dataDir, onlyEngines: true, given: {} })));
  try {
    const urls = stacks.flatMap(({ api, environment }) => [
      api,
      ...["DATABASE_URL", "REDIS_URL", "EVENTSTORE_URL", "ELASTICSEARCH_URL", "WECHAT_API_URL"].map(
        (name) => environment[name],
      ),
    ]);
    expect(new Set(urls).size).toBe(12);
    // A part that was given to the previous run is embedded in this one.
    expect(await readGiven(folders[0])).toEqual([]);
    for (const { environment } of stacks) {
      expect(await usingPostgres(environment.DATABASE_URL ?? "", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    }
    await expect(startStack({ dataDir: folders[0], onlyEngines: true, given: {} })).rejects.toThrow(
      `in use by process ${process.pid}: stop that supervisor`,
    );
  } finally {
    await Promise.all(stacks.map((stack) => stack.stop()));
  }
});

test("a start that is called off leaves nothing running and gives the folder back", async () => {
  const calledOff = new AbortController();
  const start = startStack({
    dataDir: dir,
    onlyEngines: true,
    given: {},
    signal: calledOff.signal,
    progress: () => calledOff.abort(new Error("called off")),
  });
  await expect(start).rejects.toThrow("called off");
  expect((await readdir(dir)).filter((name) => name.startsWith("supervisor."))).toEqual([]);
  const log = await readFile(join(dir, "logs/postgres.log"), "utf8");
  expect(log).toMatch(/database system is shut down\s*$/);
});

describe("a supervisor process", () => {
  let supervisor: ChildProcess;
  const start = async () => {
    supervisor = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "programs/engines.ts"), dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(supervisor, "exit").then(([code]) => {
      throw new Error(`the supervisor ended with ${code} before it was up`);
    });
    await Promise.race([once(supervisor.stdout!, "data"), ended]);
    ended.catch(() => {});
    const { processes } = await stateOf(dir);
    return Object.values(processes).map(({ pid }) => pid ?? 0);
  };
  const end = async (signal: NodeJS.Signals) => {
    const exited = once(supervisor, "exit");
    supervisor.kill(signal);
    return exited;
  };
  afterEach(() => {
    supervisor.kill("SIGKILL");
  });

  test("killed with -9 leaves no process; the next continues with the same secrets, and leaves none after SIGTERM", async () => {
    const first = await start();
    const secrets = await readFile(join(dir, "secrets.json"), "utf8");
    expect(running(first)).toHaveLength(engineNames.length);
    await end("SIGKILL");
    await until("all are gone", () => running(first).length === 0);

    const second = await start();
    expect(running(second)).toHaveLength(engineNames.length);
    expect(await readFile(join(dir, "secrets.json"), "utf8")).toBe(secrets);
    expect(await end("SIGTERM")).toEqual([0, null]);
    expect(running(second)).toEqual([]);
    await expect(stateOf(dir)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
