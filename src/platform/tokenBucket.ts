import { LRUCache } from "lru-cache";

/** Remembered keys: some 10 MB. A forgotten key starts with a full bucket. */
const rememberedKeys = 100_000;

/** In-memory token buckets by key: `capacity` tokens each; an empty one fills up in `fillMs`. */
export type TokenBuckets = {
  /** Takes one token at the time `now` (milliseconds); false if there is none. */
  take(key: string, now: number): boolean;
};

/**
 * Token buckets by the generic cell rate algorithm (ITU-T I.371): a bucket is stored as the time at which it will be full
 * again. No timers.
 */
export function createTokenBuckets({ capacity, fillMs }: { capacity: number; fillMs: number }): TokenBuckets {
  const fullAt = new LRUCache<string, number>({ max: rememberedKeys });
  const perToken = fillMs / capacity;
  return {
    take(key, now) {
      const next = Math.max(fullAt.get(key) ?? 0, now) + perToken;
      if (capacity === 0 || next - now > fillMs) return false;
      fullAt.set(key, next);
      return true;
    },
  };
}
