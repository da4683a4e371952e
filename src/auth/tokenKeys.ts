import type { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import { LRUCache } from "lru-cache";
import type { NamedKey } from "../platform/config.ts";

/** Headers of tokens remembered: one for each key that signs, and whatever else was tried. */
const rememberedHeaders = 100;

/** Of whom a token is, for what, and for how long it is valid. */
type Signing = { readonly subject: string; readonly audience: string; readonly expiresIn: number };

const issuer = "heima-literature";

/** Signs and verifies JWTs, HS256 and nothing else. The first of the keys signs; all verify, chosen by `kid`. */
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

  /** By the header, which is the same in all tokens that a key signs: to decode one takes as long as to verify it. */
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

/** Whether a token was good once. */
export function isExpired(error: unknown): boolean {
  return error instanceof jwt.TokenExpiredError;
}
