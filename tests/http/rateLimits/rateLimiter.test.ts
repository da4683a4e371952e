import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RequestProblem } from "../../../src/http/problems.ts";
import { addressKey } from "../../../src/http/rateLimits/addressKey.ts";
import { createRateLimiter, type RateLimiter } from "../../../src/http/rateLimits/rateLimiter.ts";
import { loadConfig } from "../../../src/platform/config.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { createTokenBuckets } from "../../../src/platform/tokenBucket.ts";
import { redisUrl } from "../../support/redis.ts";

const logger = createLogger("test", "silent");
/** So slow that no token is refilled during a test. */
const rate = { perSecond: 0.01, burst: 20 };

let url: string;
let redis: Redis;
beforeAll(async () => {
  url = await redisUrl();
  redis = connectRedis({ url, blocking: false, logger });
});
afterAll(() => redis.disconnect());
beforeEach(() => redis.flushdb());

const limiterOver = (client: Redis, name = "test") => createRateLimiter({ redis: client, name, rate });

/** How many of `times` concurrent requests pass. */
async function passes(limiter: RateLimiter, key: string, times: number): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: times }, () => limiter.take(key)));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "too_many_requests" });
  }
  return outcomes.filter(({ status }) => status === "fulfilled").length;
}

describe("a rate limiter", () => {
  test("lets exactly the burst through, key by key and name by name", async () => {
    const limiter = limiterOver(redis);
    expect(await passes(limiter, "a", 35)).toBe(20);
    expect(await passes(limiter, "a", 5)).toBe(0);
    expect(await passes(limiter, "b", 35)).toBe(20);
    expect(await passes(limiterOver(redis, "other"), "a", 35)).toBe(20);
  });

  test("does not ask Redis for the first quarter, nor for a key that is refused", async () => {
    const limiter = limiterOver(redis);
    for (let time = 0; time < 5; time++) expect(limiter.take("a")).toBeUndefined();
    expect(await redis.keys("rate:*")).toEqual([]);
    expect(await passes(limiter, "a", 16)).toBe(15);
    const before = await redis.get("rate:test:a");
    expect(await passes(limiter, "a", 100)).toBe(0);
    expect(await redis.get("rate:test:a")).toBe(before);
  });

  test("says when to come back: when there is one token again", async () => {
    const limiter = limiterOver(redis);
    await passes(limiter, "a", 20);
    const refused = await Promise.resolve(limiter.take("a")).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RequestProblem);
    // 2,000 s for the 15 tokens in Redis: 133.3 s for one.
    expect((refused as RequestProblem).headers).toEqual({ "Retry-After": "134" });
  });

  test("counts for two processes together, except the quarter that each grants alone", async () => {
    const [here, there] = [limiterOver(redis), limiterOver(redis)];
    const passed = await Promise.all([passes(here, "a", 30), passes(there, "a", 30)]);
    expect(passed[0] + passed[1]).toBe(5 + 5 + 15);
  });

  test("lets through again what comes back", async () => {
    const quick = createRateLimiter({ redis, name: "quick", rate: { perSecond: 100, burst: 100 } });
    expect(await passes(quick, "a", 300)).toBeGreaterThanOrEqual(100);
    await expect.poll(() => passes(quick, "a", 1), { interval: 10 }).toBe(1);
  });

  test("leaves nothing in Redis for longer than it takes to fill again", async () => {
    await passes(limiterOver(redis), "a", 20);
    const ttl = await redis.pttl("rate:test:a");
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(2_000_000);
  });
});

describe("without Redis a process counts alone", () => {
  const over = async (address: string) => {
    const client = connectRedis({ url: address, blocking: false, commandTimeoutMs: 5_000, logger });
    try {
      return await passes(limiterOver(client), "a", 35);
    } finally {
      client.disconnect();
    }
  };

  test("that refuses connections", async () => {
    expect(await over("redis://127.0.0.1:1")).toBe(20);
  });

  test("that is silent", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    expect(await over(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`)).toBe(20);
    silent.close();
  });
});

describe("token buckets", () => {
  test("hold their capacity at once and never more than that beside what has come back", () => {
    const buckets = createTokenBuckets({ capacity: 4, fillMs: 400 });
    const taken = (now: number, times: number) =>
      Array.from({ length: times }, () => buckets.take("a", now)).filter(Boolean).length;
    expect(taken(1_000, 9)).toBe(4);
    expect(taken(1_099, 9)).toBe(0);
    expect(taken(1_100, 9)).toBe(1);
    expect(taken(1_350, 9)).toBe(2);
    expect(taken(9_000, 9)).toBe(4);
    expect(buckets.take("b", 9_000)).toBe(true);
  });

  test("of no capacity give nothing", () => {
    expect(createTokenBuckets({ capacity: 0, fillMs: 1_000 }).take("a", 1)).toBe(false);
  });
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:2::99", "2001:db8:1:2::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("the address %s is limited as %s", (address, key) => {
  expect(addressKey(address)).toBe(key);
});

describe("the settings", () => {
  const load = (environment: NodeJS.ProcessEnv) =>
    loadConfig(["RATE_LIMIT_READER", "RATE_LIMIT_ADDRESS", "RATE_LIMIT_LOGIN", "TRUST_PROXY"], environment);

  test("have defaults, and 0 is none", () => {
    expect(load({})).toEqual({
      RATE_LIMIT_READER: { perSecond: 20, burst: 60 },
      RATE_LIMIT_ADDRESS: { perSecond: 100, burst: 300 },
      RATE_LIMIT_LOGIN: { perSecond: 10, burst: 30 },
      TRUST_PROXY: 0,
    });
    expect(load({ RATE_LIMIT_READER: "0", TRUST_PROXY: "2" })).toMatchObject({
      RATE_LIMIT_READER: undefined,
      TRUST_PROXY: 2,
    });
    expect(load({ TRUST_PROXY: "loopback, 10.0.0.0/8,fd00::/8" }).TRUST_PROXY).toEqual([
      "loopback",
      "10.0.0.0/8",
      "fd00::/8",
    ]);
  });

  test.each(["20", "60/20", "0/5", "-1/5", "20/60/1", "many"])("refuse %s as a limit", (text) => {
    expect(() => load({ RATE_LIMIT_READER: text })).toThrow(/RATE_LIMIT_READER: must be 0 for no limit/);
  });

  test.each(["true", "all", "10", "everybody,10.0.0.1"])("refuse %s as proxies", (text) => {
    expect(() => load({ TRUST_PROXY: text })).toThrow(/TRUST_PROXY: must be the number of proxies/);
  });
});
