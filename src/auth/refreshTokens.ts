import { v7 as uuidv7 } from "uuid";
import { createKeyedLimit } from "../platform/concurrencyLimit.ts";
import { type Client, inTransaction, type Pool } from "../platform/postgres.ts";
import type { Identity } from "./accessTokens.ts";
import { AccountGone } from "./accountGone.ts";
import { identityOf } from "./accounts.ts";
import { RefreshRefused } from "./errors.ts";
import {
  addFamily,
  addToken,
  clearAway,
  deleteOld,
  findFamily,
  findToken,
  lockFamily,
  revokeFamily,
  supersede,
} from "./refreshTokenStatements.ts";
import { hashOf, newPrefix, newTokenText, prefixOf } from "./refreshTokenText.ts";

/** The maximum number of expired families that one login deletes. A login adds only one, so they cannot accumulate. */
const clearedAtOnce = 100;

/** Seconds for which a used token may be used again: for parallel refreshes, and for lost responses. */
const graceSeconds = 30;

/** Superseded tokens of a family whose rows are kept, besides those in their grace period. */
const keptSuperseded = 100;

/** The maximum number of rows that one refresh deletes; it adds one. */
const deletedAtOnce = 100;

/** Refreshes of one login in this process; those that wait hold no connection of the pool. */
const ofFamilyAtOnce = { max: 1, maxWaiting: 100, longestWaitMs: 5_000 } as const;

/** A login is a family of tokens; `userAgent` is the client's User-Agent header. */
export type NewLogin = { readonly id: string; readonly userAgent: string | undefined };

type Rotated = { readonly identity: Identity; readonly refreshToken: string; readonly loginId: string };

export type RefreshTokens = {
  /** The first token of a new family. Rejects with AccountGone if the account was erased in the meantime. */
  issue(readerId: string, login?: NewLogin): Promise<string>;
  /**
   * Exchanges a token for the next one, with the account's current roles. Rejects with RefreshRefused, or with TooManyWaiting if
   * others of the same login wait.
   */
  rotate(token: string, userAgent?: string): Promise<Rotated>;
  /** Revokes the token's family. An unknown or revoked token changes nothing. */
  revoke(token: string): Promise<void>;
};

/**
 * Refresh tokens, stored in Postgres only as SHA-256; their texts begin with the prefix of their family, which is random too. All
 * times are Postgres', so that several processes agree. Within 30 s of its first use a token may be used again, and yields another
 * token of the then current generation; later use counts as theft and revokes the family (RFC 9700, section 4.14.2). The first use of
 * a token also ends the grace period of all others of its generation, so a family never continues as two chains. Of the used tokens
 * the newest hundred keep their rows; one without a row that has the prefix of a family was used, or has expired.
 */
export function createRefreshTokens({ pool, lifetimeDays }: { pool: Pool; lifetimeDays: number }): RefreshTokens {
  const ofFamily = createKeyedLimit(ofFamilyAtOnce);

  async function familyOf(token: string): Promise<string | undefined> {
    const values = [hashOf(token), prefixOf(token)];
    const { rows } = await pool.query<{ family_id: string | null }>({ ...findFamily, values });
    return rows[0]?.family_id ?? undefined;
  }

  return {
    async issue(readerId, { id, userAgent } = { id: uuidv7(), userAgent: undefined }) {
      await clearExpiredFamilies(pool);
      const prefix = newPrefix();
      const token = newTokenText(prefix);
      const values = [id, readerId, lifetimeDays, hashOf(token), shown(userAgent), prefix];
      const { rowCount } = await pool.query({ ...addFamily, values });
      if (rowCount === 0) throw new AccountGone();
      return token;
    },

    async rotate(token, userAgent) {
      const familyId = await familyOf(token);
      if (familyId === undefined) throw unknownToken();
      // A refusal is returned rather than thrown, so that the transaction commits the revocation.
      const rotated = await ofFamily(familyId)(() =>
        inTransaction(pool, (client) => rotateIn(client, { familyId, token, lifetimeDays, userAgent })),
      );
      if (rotated instanceof RefreshRefused) throw rotated;
      return rotated;
    },

    async revoke(token) {
      const familyId = await familyOf(token);
      if (familyId !== undefined) await pool.query({ ...revokeFamily, values: [familyId] });
    },
  };
}

/** Deletes some expired families; called by each login. */
export async function clearExpiredFamilies(pool: Pool): Promise<void> {
  await pool.query({ ...clearAway, values: [clearedAtOnce] });
}

type Rotation = {
  readonly familyId: string;
  readonly token: string;
  readonly lifetimeDays: number;
  readonly userAgent: string | undefined;
};

async function rotateIn(client: Client, { familyId, token, lifetimeDays, userAgent }: Rotation) {
  // The family's lock serialises its refreshes; the token is read after it, to see the changes of the previous refresh.
  const [family] = (await client.query<Family>({ ...lockFamily, values: [familyId] })).rows;
  if (family === undefined) return unknownToken();
  const [used] = (await client.query<Token>({ ...findToken, values: [hashOf(token), graceSeconds] })).rows;
  if (family.erased) return new RefreshRefused("reader_erased", "The reader was erased.");
  if (family.revoked) return new RefreshRefused("refresh_token_revoked", "The login of this refresh token was ended.");
  if (used?.expired) return new RefreshRefused("refresh_token_expired", "The refresh token has expired.");
  if (used === undefined || used.reused) {
    await client.query({ ...revokeFamily, values: [familyId] });
    return new RefreshRefused("refresh_token_reused", "The refresh token was used before; its login is ended.");
  }
  const refreshToken = newTokenText(family.token_prefix);
  await client.query({ ...supersede, values: [familyId, used.current] });
  await client.query({ ...deleteOld, values: [familyId, graceSeconds, keptSuperseded, deletedAtOnce] });
  await client.query({ ...addToken, values: [familyId, lifetimeDays, hashOf(refreshToken), shown(userAgent)] });
  return { identity: identityOf(family), refreshToken, loginId: familyId };
}

const unknownToken = () => new RefreshRefused("refresh_token_invalid", "The refresh token is not known.");

type Family = {
  token_prefix: Buffer;
  revoked: boolean;
  erased: boolean;
  reader_id: string;
  roles: readonly string[];
};
type Token = { expired: boolean; reused: boolean; current: boolean };

/** The part of a User-Agent header that a list of logins shows: one line of 200 characters. */
const shown = (userAgent: string | undefined) => userAgent?.replace(/[\p{Cc}\p{Cs}]+/gu, " ").slice(0, 200) ?? null;
