import type { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import { LRUCache } from "lru-cache";
import type { NamedKey } from "../platform/config.ts";

/** The maximum number of cached token headers: one per signing key, and others that clients send. */
const rememberedHeaders = 100;

/** The claims of a token: its subject, its audience, and its lifetime in seconds. */
type Signing = { readonly subject: string; readonly audience: string; readonly expiresIn: number };

const issuer = "heima-literature";

/** Signs and verifies JWTs, only HS256. The first of the keys signs; all verify, selected by `kid`. */
export type TokenKeys = {
  /** `expiresIn` in seconds. */
  sign(claims: object, signing: Signing): string;
  /** The claims of a token for `audience`. Throws jwt.TokenExpiredError or jwt.JsonWebTokenError. */
  verify(token: string, audience: string): unknown;
};

/** Throws if there is no key. */
export function createTokenKeys(keys: readonly NamedKey[]): TokenKeys {
  const [signing] = keys;
  if (signing === undefined) throw new Error("there is no key to sign tokens with");
  const keyOf = new Map(keys.map(({ kid, key }) => [kid, key]));
  const keyByHeader = new LRUCache<string, KeyObject>({ max: rememberedHeaders });

  /** Cached by header, which is the same in all tokens that a key signs: decoding it takes as long as verifying the token. */
  function keyFor(token: string): KeyObject | undefined {
    const header = token.slice(0, token.indexOf(".") + 1);
    const known = keyByHeader.get(header);
    if (known !== undefined) return known;
    const key = keyOf.get(jwt.decode(token, { complete: true })?.header.kid ?? "");
    if (key !== undefined) keyByHeader.set(header, key);
    return key;
  }

  return {
    sign: (claims, options) =>
      jwt.sign(claims, signing.key, { algorithm: "HS256", keyid: signing.kid, issuer, ...options }),
    verify(token, audience) {
      const key = keyFor(token);
      if (key === undefined) throw new jwt.JsonWebTokenError("no key of this kid");
      return jwt.verify(token, key, { algorithms: ["HS256"], issuer, audience });
    },
  };
}

/** Returns whether the error means that the token was valid once. */
export function isExpired(error: unknown): boolean {
  return error instanceof jwt.TokenExpiredError;
}
