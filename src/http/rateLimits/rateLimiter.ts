import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes, RLWrapperTimeouts } from "rate-limiter-flexible";
import type { Redis } from "../../platform/redis.ts";
import type { Rate } from "../../platform/settingTypes.ts";
import { createTokenBuckets } from "../../platform/tokenBucket.ts";
import { RequestProblem } from "../problems.ts";

/** The share of a rate that each process grants without Redis. */
const ownPart = 1 / 4;

/** If Redis takes longer, this process counts alone. */
const patienceMs = 200;

export type RateLimiter = {
  /** Undefined if the request may proceed; otherwise resolves when it may, or rejects with `too_many_requests`. */
  take(key: string): Promise<void> | undefined;
};

/**
 * Limits how often a key may occur: `burst` at once and `perSecond` on average, for all processes together except for a quarter
 * that each process grants without Redis (docs/decisions/0018). Limiters with different names have separate keys.
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
      // A key that was refused is refused here, without asking Redis, until it has a token again.
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
 * The bucket of tokenBucket.ts in Redis, by the clock of Redis, in the form that the library expects: how many of ARGV[3]
 * tokens, refilled in ARGV[4] seconds, are used (one more than available if refused), and the milliseconds to wait.
 */
const takeInRedis = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local capacity, fill = tonumber(ARGV[3]), ARGV[4] * 1000
local full = math.max(tonumber(redis.call('get', KEYS[1]) or 0), now) + ARGV[1] * fill / capacity
if full - now > fill + 0.01 then return {capacity + 1, math.ceil(full - now - fill)} end
redis.call('set', KEYS[1], string.format('%.3f', full), 'px', math.max(math.ceil(full - now), 1))
return {math.ceil((full - now) * capacity / fill), 0}`;

/** The library rejects with its result for a refusal, or with an Error. */
function refuse(reason: RateLimiterRes | Error): never {
  if (reason instanceof Error) throw reason;
  const seconds = Math.max(1, Math.ceil(reason.msBeforeNext / 1_000));
  throw new RequestProblem("too_many_requests", `Wait ${seconds} s before the next request.`, {
    headers: { "Retry-After": String(seconds) },
  });
}
