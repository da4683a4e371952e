import { coalesce } from "../../../platform/coalesce.ts";
import type { Redis } from "../../../platform/redis.ts";

const asking = new WeakMap<Redis, (key: string) => Promise<boolean>>();

/**
 * Resolves with whether a key exists in Redis; requests of one turn of the event loop on a connection usually share one command.
 */
export function isPresent(redis: Redis, key: string): Promise<boolean> {
  const ask = asking.get(redis) ?? coalesce((keys: readonly string[]) => arePresent(redis, keys));
  asking.set(redis, ask);
  return ask(key);
}

async function arePresent(redis: Redis, keys: readonly string[]): Promise<readonly boolean[]> {
  const count = await redis.exists(...keys);
  if (count === 0 || count === keys.length) return keys.map(() => count > 0);
  return Promise.all(keys.map(async (key) => (await redis.exists(key)) === 1));
}
