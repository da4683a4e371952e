import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { NamedKey } from "../platform/config.ts";
import type { Redis } from "../platform/redis.ts";

/** WeChat only documents that a session_key expires when unused for long; in practice after three days. */
const lifetimeSeconds = 3 * 24 * 60 * 60;

/** Bytes: the length that AES-GCM is specified for. */
const nonceLength = 12;

/** The session_key of each reader, encrypted, in Redis only. */
export type SessionKeys = {
  save(readerId: string, sessionKey: string): Promise<void>;
  /** Undefined if there is none, or if none of our keys decrypts it. */
  load(readerId: string): Promise<string | undefined>;
  forget(readerId: string): Promise<void>;
};

/**
 * Stores `kid:nonce:text:tag` (base64url; a kid has no colon): AES-256-GCM under the first of `keys`, with a random nonce and
 * the reader id as additional data, so that a value copied to another reader cannot be decrypted.
 */
export function createSessionKeys({ redis, keys }: { redis: Redis; keys: readonly NamedKey[] }): SessionKeys {
  return {
    async save(readerId, sessionKey) {
      const [current] = keys;
      if (current === undefined) throw new Error("there is no key to encrypt with");
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", current.key, nonce).setAAD(Buffer.from(readerId));
      const text = Buffer.concat([cipher.update(sessionKey, "utf8"), cipher.final()]);
      const parts = [nonce, text, cipher.getAuthTag()].map((part) => part.toString("base64url"));
      await redis.set(redisKey(readerId), [current.kid, ...parts].join(":"), "EX", lifetimeSeconds);
    },

    async load(readerId) {
      const stored = await redis.get(redisKey(readerId));
      const [kid = "", ...parts] = stored?.split(":") ?? [];
      const named = keys.find((key) => key.kid === kid);
      const [nonce, text, tag] = parts.map((part) => Buffer.from(part, "base64url"));
      if (named === undefined || nonce === undefined || text === undefined || tag?.length !== 16) return undefined;
      try {
        const decipher = createDecipheriv("aes-256-gcm", named.key, nonce)
          .setAAD(Buffer.from(readerId))
          .setAuthTag(tag);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
      } catch {
        return undefined;
      }
    },

    async forget(readerId) {
      await redis.del(redisKey(readerId));
    },
  };
}

function redisKey(readerId: string): string {
  return `session-key:${readerId}`;
}
