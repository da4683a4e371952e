import { LRUCache } from "lru-cache";

/** Keys remembered: some 10 MB. One that is forgotten begins anew with a full bucket. */
const rememberedKeys = 100_000;

/** A bucket for each key, in memory: `capacity` tokens, filled again in `fillMs` when it is empty. */
export type TokenBuckets = {
  /** Takes one token at time `now` (milliseconds); false if there is none. */
  take(key: string, now: number): boolean;
};

/**
 * Token buckets by the generic cell rate algorithm (ITU-T I.371): of each bucket only the time is kept at which it will be
 * full again. Nothing runs by itself.
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
