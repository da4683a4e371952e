import { createHash, randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { type Client, inTransaction, type Pool } from "../platform/postgres.ts";
import type { Identity } from "./accessTokens.ts";
import { AccountGone } from "./accountGone.ts";
import { identityOf } from "./accounts.ts";
import { RefreshRefused } from "./errors.ts";

/** Seconds for which a used token may be used again: for parallel refreshes, and for lost responses. */
const graceSeconds = 30;

/** The maximum number of expired families that one login deletes. A login adds only one, so they cannot accumulate. */
const clearedAtOnce = 100;

/** A login is a family of tokens; `userAgent` is the client's User-Agent header. */
export type NewLogin = { readonly id: string; readonly userAgent: string | undefined };

type Rotated = { readonly identity: Identity; readonly refreshToken: string; readonly loginId: string };

export type RefreshTokens = {
  /** The first token of a new family. Rejects with AccountGone if the account was erased in the meantime. */
  issue(readerId: string, login?: NewLogin): Promise<string>;
  /** Exchanges a token for the next one, with the account's current roles. Rejects with RefreshRefused. */
  rotate(token: string, userAgent?: string): Promise<Rotated>;
  /** Revokes the token's family. An unknown or revoked token changes nothing. */
  revoke(token: string): Promise<void>;
};

/**
 * Refresh tokens: 32 random bytes in base64url, stored in Postgres only as SHA-256. All times are Postgres', so that several
 * processes agree. Within 30 s of its first use a token may be used again, and yields another token of the then current
 * generation; later use counts as theft and revokes the family (RFC 9700, section 4.14.2). The first use of a token also ends
 * the grace period of all others of its generation, so a family never continues as two chains.
 */
export function createRefreshTokens({ pool, lifetimeDays }: { pool: Pool; lifetimeDays: number }): RefreshTokens {
  return {
    async issue(readerId, { id, userAgent } = { id: uuidv7(), userAgent: undefined }) {
      await clearExpiredFamilies(pool);
      const token = newToken();
      const values = [id, readerId, lifetimeDays, hashOf(token), shown(userAgent)];
      const { rowCount } = await pool.query({ ...addFamily, values });
      if (rowCount === 0) throw new AccountGone();
      return token;
    },

    async rotate(token, userAgent) {
      const hash = hashOf(token);
      // A refusal is returned rather than thrown, so that the transaction commits the revocation.
      const rotated = await inTransaction(pool, (client) => rotateIn(client, hash, lifetimeDays, shown(userAgent)));
      if (rotated instanceof RefreshRefused) throw rotated;
      return rotated;
    },

    async revoke(token) {
      await pool.query({ ...revokeFamilyOf, values: [hashOf(token)] });
    },
  };
}

/** Deletes some expired families; called by each login. */
export async function clearExpiredFamilies(pool: Pool): Promise<void> {
  await pool.query({ ...clearAway, values: [clearedAtOnce] });
}

async function rotateIn(client: Client, hash: Buffer, lifetimeDays: number, userAgent: string | null) {
  // The family's lock serialises its refreshes; the token is read after it, to see the changes of the previous refresh.
  const [family] = (await client.query<Family>({ ...lockFamilyOf, values: [hash] })).rows;
  if (family === undefined) return new RefreshRefused("refresh_token_invalid", "The refresh token is not known.");
  const [token] = (await client.query<Token>({ ...findToken, values: [hash, graceSeconds] })).rows;
  if (family.erased) return new RefreshRefused("reader_erased", "The reader was erased.");
  if (family.revoked) return new RefreshRefused("refresh_token_revoked", "The login of this refresh token was ended.");
  if (token === undefined || token.expired) {
    return new RefreshRefused("refresh_token_expired", "The refresh token has expired.");
  }
  if (token.reused) {
    await client.query({ ...revokeFamilyOf, values: [hash] });
    return new RefreshRefused("refresh_token_reused", "The refresh token was used before; its login is ended.");
  }
  const refreshToken = newToken();
  const values = [family.family_id, token.current];
  await client.query({ ...supersede, values });
  await client.query({ ...addToken, values: [family.family_id, lifetimeDays, hashOf(refreshToken), userAgent] });
  return { identity: identityOf(family), refreshToken, loginId: family.family_id };
}

type Family = { family_id: string; revoked: boolean; erased: boolean; reader_id: string; roles: readonly string[] };
type Token = { expired: boolean; reused: boolean; current: boolean };

/** The part of a User-Agent header that a list of logins shows: one line of 200 characters. */
const shown = (userAgent: string | undefined) => userAgent?.replace(/[\p{Cc}\p{Cs}]+/gu, " ").slice(0, 200) ?? null;

const newToken = () => randomBytes(32).toString("base64url");
const hashOf = (token: string) => createHash("sha256").update(token).digest();

const addFamily = {
  name: "add-refresh-family",
  text: `WITH family AS (
           INSERT INTO refresh_families (family_id, reader_id, created_at, expires_at, used_at, user_agent)
           SELECT $1, reader_id, now(), now() + make_interval(days => $3), now(), $5
           FROM accounts WHERE reader_id = $2 AND erased_at IS NULL FOR SHARE
           RETURNING family_id, expires_at)
         INSERT INTO refresh_tokens (token_hash, family_id, expires_at) SELECT $4, family_id, expires_at FROM family`,
};

const lockFamilyOf = {
  name: "lock-refresh-family",
  text: `SELECT family_id, revoked_at IS NOT NULL AS revoked, erased_at IS NOT NULL AS erased, reader_id, roles
         FROM refresh_families JOIN accounts USING (reader_id)
         WHERE family_id = (SELECT family_id FROM refresh_tokens WHERE token_hash = $1)
         FOR UPDATE OF refresh_families`,
};

const findToken = {
  name: "find-refresh-token",
  text: `SELECT expires_at <= now() AS expired, superseded_at IS NULL AS current,
                coalesce(superseded_at <= now() - make_interval(secs => $2), false) AS reused
         FROM refresh_tokens WHERE token_hash = $1`,
};

/** Ends the current generation, unless the used token is of an older one; deletes expired tokens. */
const supersede = {
  name: "supersede-refresh-tokens",
  text: `WITH expired AS (DELETE FROM refresh_tokens WHERE family_id = $1 AND expires_at <= now())
         UPDATE refresh_tokens SET superseded_at = now()
         WHERE family_id = $1 AND superseded_at IS NULL AND expires_at > now() AND $2`,
};

const addToken = {
  name: "add-refresh-token",
  text: `WITH family AS (
           UPDATE refresh_families
           SET expires_at = now() + make_interval(days => $2), used_at = now(), user_agent = coalesce($4, user_agent)
           WHERE family_id = $1 RETURNING family_id, expires_at)
         INSERT INTO refresh_tokens (token_hash, family_id, expires_at) SELECT $3, family_id, expires_at FROM family`,
};

const revokeFamilyOf = {
  name: "revoke-refresh-family",
  text: `UPDATE refresh_families SET revoked_at = now()
         WHERE revoked_at IS NULL AND family_id = (SELECT family_id FROM refresh_tokens WHERE token_hash = $1)`,
};

const clearAway = {
  name: "clear-refresh-families",
  text: `DELETE FROM refresh_families WHERE family_id IN (
           SELECT family_id FROM refresh_families WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)`,
};
