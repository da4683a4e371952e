import type { Pool } from "../../platform/postgres.ts";

export type Reader = {
  readonly id: string;
  readonly roles: readonly string[];
  readonly registeredAt: Date;
  /** Null until the reader has sent one. */
  readonly profile: {
    readonly nickname: string;
    readonly avatarUrl: string | null;
    readonly gender: "male" | "female" | null;
    readonly updatedAt: Date;
  } | null;
};

type Row = Omit<Reader, "profile"> & {
  readonly nickname: string | null;
  readonly avatarUrl: string | null;
  readonly gender: "male" | "female" | null;
  readonly updatedAt: Date | null;
};

const statement = {
  name: "reader",
  text: `SELECT account.reader_id AS id, account.roles, account.registered_at AS "registeredAt",
                profile.nickname, profile.avatar_url AS "avatarUrl", profile.gender, profile.updated_at AS "updatedAt"
         FROM accounts AS account
         LEFT JOIN profiles AS profile ON profile.reader_id = account.reader_id
         WHERE account.reader_id = $1`,
};

/** A reader's account with the profile; undefined if the account was deleted. */
export async function reader(pool: Pool, readerId: string): Promise<Reader | undefined> {
  const { rows } = await pool.query<Row>({ ...statement, values: [readerId] });
  if (rows[0] === undefined) return undefined;
  const { id, roles, registeredAt, nickname, avatarUrl, gender, updatedAt } = rows[0];
  const profile = nickname === null || updatedAt === null ? null : { nickname, avatarUrl, gender, updatedAt };
  return { id, roles, registeredAt, profile };
}
