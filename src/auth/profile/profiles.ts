import type { Pool } from "../../platform/postgres.ts";
import { AccountGone, orAccountGone } from "../accountGone.ts";
import type { Profile } from "./openProfile.ts";

export type StoredProfile = Profile & { readonly profileId: string; readonly watermarkAt: Date };

const find = {
  name: "profile-of-account",
  text: `SELECT profile_id AS "profileId", nickname, avatar_url AS "avatarUrl", gender, watermark_at AS "watermarkAt"
         FROM accounts LEFT JOIN profiles USING (reader_id) WHERE reader_id = $1`,
};

const save = {
  name: "save-profile",
  text: `INSERT INTO profiles (reader_id, profile_id, nickname, avatar_url, gender, watermark_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, now())
         ON CONFLICT (reader_id) DO UPDATE
         SET profile_id = EXCLUDED.profile_id, nickname = EXCLUDED.nickname, avatar_url = EXCLUDED.avatar_url,
             gender = EXCLUDED.gender, watermark_at = EXCLUDED.watermark_at, updated_at = EXCLUDED.updated_at
         WHERE profiles.watermark_at <= EXCLUDED.watermark_at`,
};

type Row = StoredProfile | { readonly profileId: null };

/** The profile of a reader; undefined if there is none yet. Rejects with AccountGone if there is no such account. */
export async function profileOf(pool: Pool, readerId: string): Promise<StoredProfile | undefined> {
  const { rows } = await pool.query<Row>({ ...find, values: [readerId] });
  if (rows[0] === undefined) throw new AccountGone();
  return rows[0].profileId === null ? undefined : rows[0];
}

/** Keeps a profile, unless a newer one has come meanwhile. Rejects with AccountGone if the account was deleted meanwhile. */
export async function saveProfile(pool: Pool, readerId: string, profile: StoredProfile): Promise<void> {
  const { profileId, nickname, avatarUrl, gender, watermarkAt } = profile;
  const values = [readerId, profileId, nickname, avatarUrl, gender, watermarkAt];
  await pool.query({ ...save, values }).catch(orAccountGone);
}
