import { afterAll, beforeAll, expect, test } from "vitest";
import { createVisitors, SaltMissing } from "../../src/commands/keywords/visitors.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { connectRedis, type Redis } from "../../src/platform/redis.ts";
import { redisUrl } from "../support/redis.ts";

let redis: Redis;
beforeAll(async () => {
  redis = connectRedis({ url: await redisUrl(), blocking: false, logger: createLogger("test", "silent") });
});
afterAll(() => redis.disconnect());

const dayMs = 86_400_000;
const now = new Date();
const tomorrow = new Date(now.getTime() + dayMs);
const keyOf = (at: Date) => `search-salt:${Math.floor(at.getTime() / dayMs)}`;

test("an address has one hash a day in all processes, and another on the next", async () => {
  const [one, other] = [createVisitors(redis), createVisitors(redis)];
  const hashes = await Promise.all([one("192.0.2.1", now), other("192.0.2.1", now), one("192.0.2.1", now)]);
  expect(hashes[0]).toMatch(/^[\w-]{22}$/);
  expect(new Set(hashes).size).toBe(1);
  expect(await one("192.0.2.2", now)).not.toBe(hashes[0]);
  expect(await one("192.0.2.1", tomorrow)).not.toBe(hashes[0]);
  expect(await other("192.0.2.1", now)).toBe(hashes[0]);
});

test("the salt is stored until the day ends, and not at all for one that is over", async () => {
  await createVisitors(redis)("192.0.2.1", tomorrow);
  expect(await redis.pexpiretime(keyOf(tomorrow))).toBe((Math.floor(tomorrow.getTime() / dayMs) + 1) * dayMs);
  const yesterday = new Date(now.getTime() - dayMs);
  await expect(createVisitors(redis)("192.0.2.1", yesterday)).rejects.toThrow(SaltMissing);
  expect(await redis.exists(keyOf(yesterday))).toBe(0);
});

test("a Redis that is away is asked again by the next search", async () => {
  const asked: string[] = [];
  const flaky = {
    set: async (...args: string[]) => {
      asked.push(args[0] ?? "");
      if (asked.length === 1) throw new Error("away");
    },
    get: async () => "c2FsdA",
  } as unknown as Redis;
  const visitorOf = createVisitors(flaky);
  await expect(visitorOf("192.0.2.1", now)).rejects.toThrow("away");
  expect(await visitorOf("192.0.2.1", now)).toMatch(/^[\w-]{22}$/);
  expect(asked).toHaveLength(2);
});
