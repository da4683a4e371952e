import { createHmac, randomBytes } from "node:crypto";
import { inTime } from "../../platform/inTime.ts";
import type { Redis } from "../../platform/redis.ts";

/** Who searches from an address on the day of `at` (UTC): the same for all searches of that day, in any process. */
export type VisitorOf = (address: string, at: Date) => Promise<string>;

const dayMs = 86_400_000;
const patienceMs = 500;
/** Bytes of a salt, and of the hash that is kept. */
const saltBytes = 32;
const hashBytes = 16;

/** The salt of a day is over, or nobody can tell it: then it cannot be said who searched. */
export class SaltMissing extends Error {
  override readonly name = "SaltMissing";
}

/**
 * An address as HMAC-SHA-256 under a salt of the day, 16 bytes in base64url (22 characters). The salt is random; the first
 * process that needs it puts it into Redis, where it ends with the day, as it does here: afterwards nobody can tell whose address
 * it was. Rejects with SaltMissing, or when Redis does not answer.
 */
export function createVisitors(redis: Redis): VisitorOf {
  let known: { readonly day: number; readonly salt: Promise<string> } | undefined;
  let forget: NodeJS.Timeout | undefined;

  const saltOf = (day: number): Promise<string> => {
    if (known?.day === day) return known.salt;
    const salt = inTime(sharedSalt(redis, day), patienceMs);
    const asked = { day, salt };
    known = asked;
    salt.catch(() => {
      if (known === asked) known = undefined;
    });
    clearTimeout(forget);
    forget = setTimeout(() => (known = undefined), Math.max(0, endOf(day) - Date.now())).unref();
    return salt;
  };

  return async (address, at) => {
    const salt = await saltOf(Math.floor(at.getTime() / dayMs));
    const hash = createHmac("sha256", Buffer.from(salt, "base64url")).update(address).digest();
    return hash.subarray(0, hashBytes).toString("base64url");
  };
}

/** Of a day that is over Redis drops the salt as it is set. */
async function sharedSalt(redis: Redis, day: number): Promise<string> {
  const key = `search-salt:${day}`;
  const made = randomBytes(saltBytes).toString("base64url");
  await redis.set(key, made, "PXAT", endOf(day), "NX");
  const salt = await redis.get(key);
  if (salt === null) throw new SaltMissing("the salt of the day is not there");
  return salt;
}

const endOf = (day: number) => (day + 1) * dayMs;
