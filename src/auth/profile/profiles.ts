import type { Pool } from "../../platform/postgres.ts";
import { AccountGone } from "../accountGone.ts";
import type { Profile } from "./openProfile.ts";

export type StoredProfile = Profile & { readonly profileId: string; readonly watermarkAt: Date };

const find = {
  name: "profile-of-account",
  text: `SELECT erased_at AS "erasedAt", profile_id AS "profileId", nickname, avatar_url AS "avatarUrl", gender, watermark_at AS "watermarkAt"
         FROM accounts LEFT JOIN profiles USING (reader_id) WHERE reader_id = $1`,
};

const unlessUntold = (field: keyof Profile, column: string) =>
  `CASE WHEN '${field}' = ANY ($7::text[]) THEN profiles.${column} ELSE EXCLUDED.${column} END`;

const save = {
  name: "save-profile",
  text: `WITH account AS (SELECT reader_id FROM accounts WHERE reader_id = $1 AND erased_at IS NULL FOR SHARE),
         saved AS (
           INSERT INTO profiles (reader_id, profile_id, nickname, avatar_url, gender, watermark_at, updated_at)
           SELECT reader_id, $2::uuid, $3::text, $4::text, $5::text, $6::timestamptz, now() FROM account
           ON CONFLICT (reader_id) DO UPDATE
           SET profile_id = EXCLUDED.profile_id, watermark_at = EXCLUDED.watermark_at, updated_at = EXCLUDED.updated_at,
               nickname = ${unlessUntold("nickname", "nickname")}, avatar_url = ${unlessUntold("avatarUrl", "avatar_url")},
               gender = ${unlessUntold("gender", "gender")}
           WHERE profiles.watermark_at <= EXCLUDED.watermark_at)
         SELECT FROM account`,
};

type Row = { readonly erasedAt: Date | null } & (StoredProfile | { readonly profileId: null });

/** The profile of a reader; undefined if there is none yet. Rejects with AccountGone if there is no such account. */
export async function profileOf(pool: Pool, readerId: string): Promise<StoredProfile | undefined> {
  const { rows } = await pool.query<Row>({ ...find, values: [readerId] });
  const { erasedAt, ...profile } = rows[0] ?? { erasedAt: new Date(), profileId: null };
  if (erasedAt !== null) throw new AccountGone();
  return profile.profileId === null ? undefined : profile;
}

/**
 * Stores a profile, unless a newer one was stored in the meantime. `untold` are the fields that keep what is stored of them, if anything
 * is. Rejects with AccountGone if the account was deleted in the meantime.
 */
export async function saveProfile(
  pool: Pool,
  readerId: string,
  profile: StoredProfile,
  untold: readonly (keyof Profile)[] = [],
): Promise<void> {
  const { profileId, nickname, avatarUrl, gender, watermarkAt } = profile;
  const values = [readerId, profileId, nickname, avatarUrl, gender, watermarkAt, untold];
  const { rowCount } = await pool.query({ ...save, values });
  if (rowCount === 0) throw new AccountGone();
}
