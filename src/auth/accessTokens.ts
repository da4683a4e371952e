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

const claimsOf = z.object({ sub: readerId, exp: z.int(), roles: z.array(role) });

/** Who a token was issued to, with the roles that the account had then. */
export type Identity = { readonly readerId: string; readonly roles: readonly Role[] };

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
  const verified = new LRUCache<string, { readonly identity: Identity; readonly exp: number }>({
    max: rememberedTokens,
  });

  return {
    issue({ readerId, roles }) {
      const accessToken = jwt.sign({ roles }, signing.key, {
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
      const { sub, exp, roles } = claims(token);
      const identity = { readerId: sub, roles };
      verified.set(token, { identity, exp });
      return identity;
    },
  };

  function claims(token: string): z.output<typeof claimsOf> {
    try {
      const key = keyOf.get(jwt.decode(token, { complete: true })?.header.kid ?? "");
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
