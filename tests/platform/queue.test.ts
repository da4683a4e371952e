import { afterAll, expect, test } from "vitest";
import { createLogger } from "../../src/platform/logger.ts";
import { createQueue } from "../../src/platform/queue.ts";
import { connectRedis } from "../../src/platform/redis.ts";
import { type Link, openLink } from "../chaos/world/link.ts";
import { redisUrl } from "../support/redis.ts";

const logger = createLogger("test", "silent");
const links: Link[] = [];
const ends: (() => void)[] = [];
afterAll(async () => {
  for (const end of ends) end();
  await Promise.all(links.map((link) => link.close()));
});

/** A connection through a proxy that a test can break. */
async function connected(commandTimeoutMs: number) {
  const link = await openLink("test→redis", await redisUrl());
  links.push(link);
  const redis = connectRedis({ url: link.url, blocking: false, commandTimeoutMs, logger });
  ends.push(() => redis.disconnect());
  await redis.ping();
  return { link, redis };
}

const forEver = 600_000;

test("a connection that was forgotten on the way is replaced after one command without an answer", async () => {
  const { link, redis } = await connected(100);
  link.halfOpen(forEver);
  await expect(redis.ping()).rejects.toThrow("Command timed out");
  await expect.poll(() => redis.ping().catch(String), { timeout: 5_000 }).toBe("PONG");
});

test("a queue that was made while Redis did not answer works when it does", async () => {
  const { link, redis } = await connected(100);
  link.halfOpen(forEver);
  const queue = createQueue<number>("made-in-an-outage", redis);
  queue.on("error", () => {});
  await expect(queue.add("first", 1)).rejects.toThrow("Command timed out");
  await expect.poll(() => queue.add("again", 2).then(({ data }) => data, String), { timeout: 5_000 }).toBe(2);
  expect(await queue.getWaitingCount()).toBeGreaterThan(0);
  await queue.close();
});
