import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes, RLWrapperTimeouts } from "rate-limiter-flexible";
import type { Rate } from "../../platform/config.ts";
import type { Redis } from "../../platform/redis.ts";
import { RequestProblem } from "../problems.ts";
import { createTokenBuckets } from "./tokenBucket.ts";

/** The part of a rate that each process gives on its own: who asks for no more costs no question to Redis. */
const ownPart = 1 / 4;

/** A Redis that takes longer is as good as away; this process then counts alone. */
const patienceMs = 200;

export type RateLimiter = {
  /** Undefined when the request may go on; otherwise resolves when it may, or rejects with `too_many_requests`. */
  take(key: string): Promise<void> | undefined;
};

/**
 * Limits how often a key may come: `burst` at once and `perSecond` in the long run, for all processes together but for a
 * quarter of it, which each process gives on its own (docs/decisions/0018). Keys of different `name`s do not meet.
 */
export function createRateLimiter({ redis, name, rate }: { redis: Redis; name: string; rate: Rate }): RateLimiter {
  const seconds = rate.burst / rate.perSecond;
  const own = Math.floor(rate.burst * ownPart);
  const buckets = createTokenBuckets({ capacity: own, fillMs: seconds * 1_000 });
  const points = rate.burst - own;
  const limits = { keyPrefix: `rate:${name}`, points, duration: seconds };
  const shared = new RLWrapperTimeouts({
    limiter: new RateLimiterRedis({
      ...limits,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      customIncrTtlLuaScript: takeInRedis,
      // Who was refused is refused here, without a question, until there is a token again.
      inMemoryBlockOnConsumed: points + 1,
    }),
    timeoutMs: patienceMs,
    insuranceLimiter: new RateLimiterMemory(limits),
  });

  return {
    take(key) {
      if (buckets.take(key, performance.now())) return undefined;
      return shared.consume(key).then(() => undefined, refuse);
    },
  };
}

/**
 * The bucket of tokenBucket.ts in Redis, by the clock of Redis, as the library wants it: how much is used of ARGV[3] tokens
 * that come back in ARGV[4] seconds, one more than there is when it is refused, and the milliseconds to wait.
 */
const takeInRedis = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local capacity, fill = tonumber(ARGV[3]), ARGV[4] * 1000
local full = math.max(tonumber(redis.call('get', KEYS[1]) or 0), now) + ARGV[1] * fill / capacity
if full - now > fill + 0.01 then return {capacity + 1, math.ceil(full - now - fill)} end
redis.call('set', KEYS[1], string.format('%.3f', full), 'px', math.max(math.ceil(full - now), 1))
return {math.ceil((full - now) * capacity / fill), 0}`;

/** The library rejects with what is left, which is no error, or with an error of its own. */
function refuse(reason: RateLimiterRes | Error): never {
  if (reason instanceof Error) throw reason;
  const seconds = Math.max(1, Math.ceil(reason.msBeforeNext / 1_000));
  throw new RequestProblem("too_many_requests", `Wait ${seconds} s before the next request.`, {
    headers: { "Retry-After": String(seconds) },
  });
}
