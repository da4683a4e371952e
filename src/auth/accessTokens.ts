import type { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { readerId } from "../domain/ids.ts";
import type { NamedKey } from "../platform/config.ts";
import { TokenRefused } from "./errors.ts";
import { type Role, role } from "./roles.ts";

const lifetimeSeconds = 15 * 60;
const issuer = "heima-literature";
const audience = "heima-literature-api";

/** Tokens remembered as verified: some 10 MB. A verification costs 6 µs with a KeyObject, and 300 µs with a string. */
const rememberedTokens = 20_000;

const claimsOf = z.object({ sub: readerId, exp: z.int(), roles: z.array(role), login: z.string().optional() });

/** Headers of tokens remembered: one for each key that signs, and whatever else was tried. */
const rememberedHeaders = 100;

/** Who a token was issued to, with the roles that the account had then. */
export type Identity = {
  readonly readerId: string;
  readonly roles: readonly Role[];
  /** The login that the token comes of; a development token has none. */
  readonly loginId?: string | undefined;
};

export type AccessTokens = {
  /** `expiresIn` in seconds. */
  issue(identity: Identity): { readonly accessToken: string; readonly expiresIn: number };
  /** Throws TokenRefused. */
  verify(token: string): Identity;
};

/** Access tokens: JWT, HS256 and nothing else, 15 minutes. The first of `keys` signs; all verify, chosen by `kid`. */
export function createAccessTokens(keys: readonly NamedKey[]): AccessTokens {
  const [signing] = keys;
  if (signing === undefined) throw new Error("there is no key to sign tokens with");
  const keyOf = new Map(keys.map(({ kid, key }) => [kid, key]));
  const keyByHeader = new LRUCache<string, KeyObject>({ max: rememberedHeaders });
  const verified = new LRUCache<string, { readonly identity: Identity; readonly exp: number }>({
    max: rememberedTokens,
  });

  return {
    issue({ readerId, roles, loginId }) {
      const claims = loginId === undefined ? { roles } : { roles, login: loginId };
      const accessToken = jwt.sign(claims, signing.key, {
        algorithm: "HS256",
        keyid: signing.kid,
        subject: readerId,
        issuer,
        audience,
        expiresIn: lifetimeSeconds,
      });
      return { accessToken, expiresIn: lifetimeSeconds };
    },

    verify(token) {
      const known = verified.get(token);
      if (known !== undefined) {
        if (known.exp * 1_000 > Date.now()) return known.identity;
        verified.delete(token);
        throw new TokenRefused("token_expired", "The access token has expired; log in again.");
      }
      const { sub, exp, roles, login: loginId } = claims(token);
      const identity = { readerId: sub, roles, loginId };
      verified.set(token, { identity, exp });
      return identity;
    },
  };

  /** By the header, which is the same in all tokens that a key signs: to decode one takes as long as to verify it. */
  function keyFor(token: string): KeyObject | undefined {
    const header = token.slice(0, token.indexOf(".") + 1);
    const known = keyByHeader.get(header);
    if (known !== undefined) return known;
    const key = keyOf.get(jwt.decode(token, { complete: true })?.header.kid ?? "");
    if (key !== undefined) keyByHeader.set(header, key);
    return key;
  }

  function claims(token: string): z.output<typeof claimsOf> {
    try {
      const key = keyFor(token);
      if (key === undefined) throw new jwt.JsonWebTokenError("no key of this kid");
      return claimsOf.parse(jwt.verify(token, key, { algorithms: ["HS256"], issuer, audience }));
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) {
        throw new TokenRefused("token_expired", "The access token has expired; log in again.");
      }
      throw new TokenRefused("token_invalid", "The access token is not one of ours.");
    }
  }
}
