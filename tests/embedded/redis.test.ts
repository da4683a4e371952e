import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Engine } from "../../embedded/childProcess.ts";
import { freePort } from "../../embedded/freePort.ts";
import { startRedis } from "../../embedded/redis/start.ts";
import { leftOver } from "../support/leftOverProcess.ts";
import { untilWritten } from "../support/redis.ts";

let dir: string;
let engine: Engine | undefined;
let options: Parameters<typeof startRedis>[0];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-redis-"));
  options = { dataDir: join(dir, "data"), port: await freePort(), logFile: join(dir, "redis.log") };
});
afterEach(async () => {
  await engine?.stop();
  engine = undefined;
  await rm(dir, { recursive: true });
});

const using = async <Result>(url: string, work: (redis: Redis) => Promise<Result>) => {
  const redis = new Redis(url, { maxRetriesPerRequest: 0 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};

test("keeps what it has written through kill -9, on the same port", async () => {
  engine = await startRedis(options);
  const { url } = engine;
  await using(url, async (redis) => {
    await redis.set("book", "红楼梦");
    await untilWritten(redis);
  });
  process.kill(engine.pid, "SIGKILL");
  expect(await engine.exited).toBe("SIGKILL");
  engine = await startRedis(options);
  expect(engine.url).toBe(url);
  expect(await using(url, (redis) => redis.get("book"))).toBe("红楼梦");
});

test("keeps everything through a stop in good order", async () => {
  engine = await startRedis(options);
  await using(engine.url, (redis) => redis.set("book", "西游记"));
  await engine.stop();
  engine = await startRedis(options);
  expect(await using(engine.url, (redis) => redis.get("book"))).toBe("西游记");
});

test("refuses the folder of a server that runs", async () => {
  engine = await startRedis(options);
  await expect(startRedis({ ...options, port: await freePort() })).rejects.toThrow(
    `${dir} is in use by process ${process.pid}: only one data may run there`,
  );
  await using(engine.url, (redis) => redis.ping());
});

// Other systems do not show whose process it is.
test.runIf(process.platform === "linux")("kills a server of an earlier start that does not stop", async () => {
  await mkdir(options.dataDir);
  const earlier = await leftOver("redis-server", dir, options.dataDir);
  engine = await startRedis(options);
  expect(await earlier.closed).toEqual({ signal: "SIGKILL", heard: "TERM\n" });
});

test("leaves alone who has only gone into its data folder", async () => {
  await mkdir(options.dataDir);
  const reader = spawn("sh", ["-c", "echo there; exec sleep 60"], {
    cwd: options.dataDir,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(reader.stdout, "data");
    engine = await startRedis(options);
    expect([reader.exitCode, reader.signalCode]).toEqual([null, null]);
  } finally {
    reader.kill("SIGKILL");
  }
});

test("never evicts, and listens on the local interface only", async () => {
  engine = await startRedis(options);
  const settings = await using(engine.url, (redis) => redis.config("GET", "*"));
  expect(settings).toEqual(
    expect.arrayContaining(["maxmemory-policy", "noeviction", "appendonly", "yes", "bind", "127.0.0.1"]),
  );
});

test("says where redis-server comes from when it is not installed", async () => {
  const path = process.env.PATH;
  process.env.PATH = dir;
  try {
    await expect(startRedis(options)).rejects.toThrow("script/bootstrap installs it");
  } finally {
    process.env.PATH = path;
  }
});

test("says what is wrong, from its log, when it cannot start", async () => {
  engine = await startRedis(options);
  const other = { ...options, dataDir: join(dir, "other"), logFile: join(dir, "other.log") };
  await expect(startRedis(other)).rejects.toThrow(/Address already in use/);
});
