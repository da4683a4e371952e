import { LRUCache } from "lru-cache";
import { z } from "zod";
import { readerId } from "../domain/ids.ts";
import type { NamedKey } from "../platform/config.ts";
import { TokenRefused } from "./errors.ts";
import { type Role, role } from "./roles.ts";
import { createTokenKeys, isExpired } from "./tokenKeys.ts";

const lifetimeSeconds = 15 * 60;
const audience = "heima-literature-api";

/** Cached verified tokens: some 10 MB. A verification costs 6 µs with a KeyObject, and 300 µs with a string. */
const rememberedTokens = 20_000;

const claimsOf = z.object({ sub: readerId, exp: z.int(), roles: z.array(role), login: z.string().optional() });

/** The owner of a token, with the account's roles when it was issued. */
export type Identity = {
  readonly readerId: string;
  readonly roles: readonly Role[];
  /** The login that the token belongs to; undefined for a development token. */
  readonly loginId?: string | undefined;
};

export type AccessTokens = {
  /** `expiresIn` in seconds. */
  issue(identity: Identity): { readonly accessToken: string; readonly expiresIn: number };
  /** Throws TokenRefused. */
  verify(token: string): Identity;
};

/** Access tokens: JWT, only HS256, valid for 15 minutes. The first of `keys` signs; all verify, selected by `kid`. */
export function createAccessTokens(keys: readonly NamedKey[]): AccessTokens {
  const signed = createTokenKeys(keys);
  const verified = new LRUCache<string, { readonly identity: Identity; readonly exp: number }>({
    max: rememberedTokens,
  });

  return {
    issue({ readerId, roles, loginId }) {
      const claims = loginId === undefined ? { roles } : { roles, login: loginId };
      const accessToken = signed.sign(claims, { subject: readerId, audience, expiresIn: lifetimeSeconds });
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

  function claims(token: string): z.output<typeof claimsOf> {
    try {
      return claimsOf.parse(signed.verify(token, audience));
    } catch (error) {
      if (isExpired(error)) throw new TokenRefused("token_expired", "The access token has expired; log in again.");
      throw new TokenRefused("token_invalid", "The access token is not valid; log in again.");
    }
  }
}
