import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSessionKeys } from "../../src/auth/sessionKeys.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { connectRedis, type Redis } from "../../src/platform/redis.ts";
import { redisUrl } from "../support/redis.ts";

const keyOf = (kid: string) => ({ kid, key: createSecretKey(randomBytes(32)) });
const [old, current] = [keyOf("2025"), keyOf("2026")];
const sessionKey = "tiihtNczf5v6AKRyjwEUhQ==";

let redis: Redis;
beforeAll(async () => {
  redis = connectRedis({ url: await redisUrl(), blocking: false, logger: createLogger("test", "silent") });
});
afterAll(() => redis.disconnect());

test("a session_key comes back as it was, and is nowhere in Redis in clear", async () => {
  const keys = createSessionKeys({ redis, keys: [current] });
  await keys.save("reader-1", sessionKey);
  expect(await keys.load("reader-1")).toBe(sessionKey);

  const stored = (await redis.get("session-key:reader-1"))!;
  const forms = [
    sessionKey,
    Buffer.from(sessionKey).toString("base64url"),
    Buffer.from(sessionKey, "base64").toString("hex"),
  ];
  for (const form of forms) expect(stored).not.toContain(form);
  const [kid, nonce, text] = stored.split(":");
  expect(kid).toBe("2026");
  expect([nonce, text].map((part) => Buffer.from(part!, "base64url").length)).toEqual([12, sessionKey.length]);
});

test("it is gone after three days", async () => {
  await createSessionKeys({ redis, keys: [current] }).save("reader-2", sessionKey);
  const seconds = await redis.ttl("session-key:reader-2");
  expect(seconds).toBeGreaterThan(259_100);
  expect(seconds).toBeLessThanOrEqual(259_200);
});

test("a new login replaces it, with another nonce", async () => {
  const keys = createSessionKeys({ redis, keys: [current] });
  await keys.save("reader-3", sessionKey);
  const before = await redis.get("session-key:reader-3");
  await keys.save("reader-3", sessionKey);
  expect(await redis.get("session-key:reader-3")).not.toBe(before);
  await keys.save("reader-3", "another");
  expect(await keys.load("reader-3")).toBe("another");
});

test("the key is exchanged without a break: what the old key closed opens until that key is gone", async () => {
  await createSessionKeys({ redis, keys: [old] }).save("reader-4", sessionKey);
  expect(await createSessionKeys({ redis, keys: [current, old] }).load("reader-4")).toBe(sessionKey);
  expect(await createSessionKeys({ redis, keys: [current] }).load("reader-4")).toBeUndefined();
  // The next login encrypts it with the new key.
  await createSessionKeys({ redis, keys: [current, old] }).save("reader-4", sessionKey);
  expect(await createSessionKeys({ redis, keys: [current] }).load("reader-4")).toBe(sessionKey);
});

test("one that was copied to another reader, or changed, does not open", async () => {
  const keys = createSessionKeys({ redis, keys: [current] });
  await keys.save("reader-5", sessionKey);
  const stored = (await redis.get("session-key:reader-5"))!;
  await redis.set("session-key:reader-6", stored);
  expect(await keys.load("reader-6")).toBeUndefined();

  const [kid, nonce, text, tag] = stored.split(":");
  const flipped = `${text!.startsWith("A") ? "B" : "A"}${text!.slice(1)}`;
  for (const changed of [
    `${kid}:${nonce}:${flipped}:${tag}`,
    `${kid}:${nonce}:${text}:${tag!.slice(0, 6)}`,
    kid!,
    "",
  ]) {
    await redis.set("session-key:reader-5", changed);
    expect(await keys.load("reader-5")).toBeUndefined();
  }
});

test("a reader without one has none", async () => {
  expect(await createSessionKeys({ redis, keys: [current] }).load("nobody")).toBeUndefined();
});
