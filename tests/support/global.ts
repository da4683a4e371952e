import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { freePort } from "../../embedded/freePort.ts";
import { startPostgres } from "../../embedded/postgres/start.ts";
import { startRedis } from "../../embedded/redis/start.ts";
import { startWechat } from "../../embedded/wechat/server.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createDatabase, dropDatabase, execute } from "./database.ts";
import { wechatApp } from "./wechat.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly postgresUrl: string;
    /** A migrated database of which each test file gets a copy. */
    readonly templateDatabase: string;
    readonly redisUrl: string;
    readonly wechatUrl: string;
  }
}

/**
 * Starts the servers that all test files share, once per run, in a temporary folder. TEST_DATABASE_URL (of a user who may create
 * databases), TEST_REDIS_URL and TEST_WECHAT_URL name servers to use instead of the embedded ones.
 */
export default async function setUp(project: TestProject) {
  const dir = await mkdtemp(join(tmpdir(), "heima-test-"));
  const stops: (() => Promise<unknown>)[] = [];
  const tearDown = async () => {
    for (const stop of stops.reverse()) await stop();
    await rm(dir, { recursive: true, force: true });
  };
  const embedded = async (start: () => Promise<{ url: string; stop(): Promise<void> }>) => {
    const { url, stop } = await start();
    stops.push(stop);
    return url;
  };
  try {
    const [postgresUrl, redisUrl, wechatUrl] = await Promise.all([
      process.env.TEST_DATABASE_URL ?? embedded(() => postgresIn(dir)),
      process.env.TEST_REDIS_URL ?? embedded(() => redisIn(dir)),
      process.env.TEST_WECHAT_URL ??
        embedded(async () => {
          const { url, close } = await startWechat({ port: 0, ...wechatApp });
          return { url, stop: close };
        }),
      // Bundles once, so that tests do not each bundle changed sources.
      promisify(execFile)(process.execPath, [fileURLToPath(new URL("../../bin/run.js", import.meta.url))]),
    ]);
    const templateDatabase = `heima_template_${randomUUID().slice(0, 8)}`;
    const templateUrl = await createDatabase(postgresUrl, templateDatabase);
    stops.push(() => dropDatabase(postgresUrl, templateDatabase));
    await migrate(templateUrl, createLogger("tests", "warn"));
    project.provide("postgresUrl", postgresUrl);
    project.provide("templateDatabase", templateDatabase);
    project.provide("redisUrl", redisUrl);
    project.provide("wechatUrl", wechatUrl);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}

async function postgresIn(dir: string) {
  const postgres = await startPostgres({
    dataDir: join(dir, "postgres"),
    port: await freePort(),
    password: randomUUID(),
    logFile: join(dir, "postgres.log"),
  });
  // These databases need not survive a crash; tests of crashes use other servers, with fsync on.
  await execute(postgres.url, "ALTER SYSTEM SET fsync = off");
  await execute(postgres.url, "SELECT pg_reload_conf()");
  return postgres;
}

const redisIn = async (dir: string) =>
  startRedis({ dataDir: join(dir, "redis"), port: await freePort(), logFile: join(dir, "redis.log") });
