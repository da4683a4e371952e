import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { readerId } from "../domain/ids.ts";
import type { NamedKey } from "../platform/config.ts";
import type { Pool } from "../platform/postgres.ts";
import { AccountGone } from "./accountGone.ts";
import { TokenRefused } from "./errors.ts";
import { clearExpiredFamilies } from "./refreshTokens.ts";
import { createTokenKeys, isExpired } from "./tokenKeys.ts";

const audience = "heima-literature-course";
const secondsOfDay = 24 * 60 * 60;

const claimsOf = z.object({ sub: readerId, fam: z.uuid() });

/** Tokens of the course's front ends: one per login. */
export type CourseTokens = {
  /** Rejects with AccountGone if the account was deleted or erased in the meantime. */
  issue(readerId: string): Promise<string>;
  /** The reader of a token. Rejects with TokenRefused, also if its login was ended or the account does not exist. */
  verify(token: string): Promise<string>;
};

/**
 * Issues long-lived tokens: a JWT (HS256) that names a row of `refresh_families`, a family without refresh tokens. Every request
 * reads the family, so that ending a login invalidates its token at once. Not valid for /v1; nor are access tokens of /v1 valid
 * here.
 */
export function createCourseTokens(options: {
  readonly keys: readonly NamedKey[];
  readonly pool: Pool;
  readonly lifetimeDays: number;
}): CourseTokens {
  const { keys, pool, lifetimeDays } = options;
  const signed = createTokenKeys(keys);

  function claims(token: string): z.output<typeof claimsOf> {
    try {
      return claimsOf.parse(signed.verify(token, audience));
    } catch (error) {
      if (isExpired(error)) throw new TokenRefused("token_expired", "The token has expired; log in again.");
      throw new TokenRefused("token_invalid", "The token is not valid; log in again.");
    }
  }

  return {
    async issue(readerId) {
      await clearExpiredFamilies(pool);
      const familyId = uuidv7();
      const { rowCount } = await pool.query({ ...addFamily, values: [familyId, readerId, lifetimeDays] });
      if (rowCount === 0) throw new AccountGone();
      const expiresIn = lifetimeDays * secondsOfDay;
      return signed.sign({ fam: familyId }, { subject: readerId, audience, expiresIn });
    },

    async verify(token) {
      const { sub, fam } = claims(token);
      const { rows } = await pool.query({ ...findFamily, values: [fam, sub] });
      if (rows.length === 0) throw new TokenRefused("token_invalid", "The login of the token was ended; log in again.");
      return sub;
    },
  };
}

const addFamily = {
  name: "add-course-family",
  text: `INSERT INTO refresh_families (family_id, reader_id, created_at, expires_at)
         SELECT $1, reader_id, now(), now() + make_interval(days => $3)
         FROM accounts WHERE reader_id = $2 AND erased_at IS NULL FOR SHARE`,
};

const findFamily = {
  name: "find-course-family",
  text: `SELECT FROM refresh_families JOIN accounts USING (reader_id)
         WHERE family_id = $1 AND reader_id = $2 AND revoked_at IS NULL AND expires_at > now() AND erased_at IS NULL`,
};
