import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../embedded/childProcess.ts";
import { freePort } from "../../embedded/freePort.ts";
import { startRedis } from "../../embedded/redis/start.ts";
import type { Logger } from "../../src/platform/logger.ts";
import { createQueue } from "../../src/platform/queue.ts";
import { createQueueWorker } from "../../src/platform/queueWorker.ts";
import { connectRedis } from "../../src/platform/redis.ts";

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heima-redis-"));
  engine = await startRedis({ dataDir: join(folder, "data"), port: await freePort(), logFile: join(folder, "log") });
});
afterAll(async () => {
  await engine.stop();
  await rm(folder, { recursive: true });
});

test("a worker whose Redis answers with errors rests between its questions, and goes on when it can", async () => {
  const warnings: string[] = [];
  const logger = { warn: ({ err }: { err: Error }) => warnings.push(err.message) } as unknown as Logger;
  const admin = connectRedis({ url: engine.url, blocking: false, logger });
  const redis = connectRedis({ url: engine.url, blocking: true, logger });
  const queue = createQueue<{ number: number }>("numbers", admin);
  const done: number[] = [];
  const worker = createQueueWorker<{ number: number }>(
    "numbers",
    async ({ data }) => {
      // BullMQ asks for the next one by a script.
      if (data.number === 1) await admin.acl("SETUSER", "default", "-@scripting");
      done.push(data.number);
    },
    { redis, logger },
  );
  await queue.addBulk([1, 2].map((number) => ({ name: "number", data: { number } })));
  await expect.poll(() => warnings.some((message) => message.startsWith("NOPERM"))).toBe(true);
  await sleep(500);
  expect(warnings.length).toBeLessThan(10);
  await admin.acl("SETUSER", "default", "+@all");
  await expect.poll(() => done.includes(2), { timeout: 10_000 }).toBe(true);
  await worker.close();
  await queue.close();
  for (const connection of [admin, redis]) connection.disconnect();
});

test("a connection to a server that has become a replica is made anew", async () => {
  const logger = { warn() {} } as unknown as Logger;
  const redis = connectRedis({ url: engine.url, blocking: false, logger });
  await redis.set("book", "红楼梦");
  let closed = 0;
  redis.on("close", () => closed++);
  await redis.replicaof("127.0.0.1", 1);
  await expect(redis.set("book", "西游记")).rejects.toThrow(/READONLY/);
  await expect.poll(() => closed).toBe(1);
  await redis.replicaof("NO", "ONE");
  await redis.set("book", "西游记");
  redis.disconnect();
});
