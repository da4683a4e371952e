import { Redis } from "ioredis";
import { inject } from "vitest";
import { until } from "./waiting.ts";

/** Redis has 16 databases by default. */
const databases = 16;

/**
 * The URL of an empty Redis database which no other test file that runs at the same time uses: files that run in one worker
 * run one after the other. A test that empties or stops the whole server starts its own with `startRedis`.
 */
export async function redisUrl(): Promise<string> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 1);
  if (worker >= databases)
    throw new Error(`more than ${databases - 1} test workers: there is no Redis database for all`);
  const url = Object.assign(new URL(inject("redisUrl")), { pathname: `/${worker}` }).href;
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    await redis.flushdb();
  } finally {
    redis.disconnect();
  }
  return url;
}

/** Waits until Redis has passed all its writes to the kernel: from then on a kill -9 loses nothing. */
export const untilWritten = (redis: Redis) =>
  until("the append-only file is written", async () =>
    /^aof_buffer_length:0\r$/m.test(await redis.info("persistence")),
  );
