import type { Pool } from "../../platform/postgres.ts";

const statement = {
  name: "held-account",
  text: `SELECT account.reader_id AS id, account.openid, account.roles, account.registered_at AS "registeredAt",
                CASE WHEN profile.reader_id IS NOT NULL THEN to_jsonb(profile) - 'reader_id' END AS profile
         FROM accounts AS account LEFT JOIN profiles AS profile USING (reader_id)
         WHERE account.reader_id = $1`,
};

/** All columns of a reader's account and profile, as JSON holds them; undefined if there is no account. */
export async function heldAccount(
  pool: Pool,
  readerId: string,
): Promise<{ readonly account: Readonly<Record<string, unknown>>; readonly profile: unknown } | undefined> {
  const { rows } = await pool.query<Record<string, unknown>>({ ...statement, values: [readerId] });
  if (rows[0] === undefined) return undefined;
  const { profile, ...account } = rows[0];
  return { account, profile };
}
