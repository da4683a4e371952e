import { createHmac, randomBytes } from "node:crypto";
import type { Redis } from "../../platform/redis.ts";
import { withTimeout } from "../../platform/withTimeout.ts";

/** The pseudonym of an address on the day of `at` (UTC): the same in every process. */
export type VisitorOf = (address: string, at: Date) => Promise<string>;

const dayMs = 86_400_000;
const timeoutMs = 500;
/** Bytes of a salt, and of the truncated hash. */
const saltBytes = 32;
const hashBytes = 16;

/** The day of the salt has ended, or no salt could be read: there is no pseudonym. */
export class SaltMissing extends Error {
  override readonly name = "SaltMissing";
}

/**
 * An address as HMAC-SHA-256 under a salt of the day, 16 bytes in base64url (22 characters). The first process that needs the
 * random salt of a day stores it in Redis, where it expires at the end of the day; processes drop their copies too, so that
 * afterwards no pseudonym can be traced to an address. Rejects with SaltMissing, or when Redis does not answer.
 */
export function createVisitors(redis: Redis): VisitorOf {
  let known: { readonly day: number; readonly salt: Promise<string> } | undefined;
  let forget: NodeJS.Timeout | undefined;

  const saltOf = (day: number): Promise<string> => {
    if (known?.day === day) return known.salt;
    const salt = withTimeout(sharedSalt(redis, day), timeoutMs);
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

/** If the day has ended already, Redis expires the salt at once. */
async function sharedSalt(redis: Redis, day: number): Promise<string> {
  const key = `search-salt:${day}`;
  const made = randomBytes(saltBytes).toString("base64url");
  await redis.set(key, made, "PXAT", endOf(day), "NX");
  const salt = await redis.get(key);
  if (salt === null) throw new SaltMissing("the salt of the day is not there");
  return salt;
}

const endOf = (day: number) => (day + 1) * dayMs;
