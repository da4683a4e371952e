import type { Pool } from "../../platform/postgres.ts";

const statement = {
  name: "held-account",
  text: `SELECT account.reader_id AS id, account.openid, account.roles, account.registered_at AS "registeredAt",
                ARRAY(SELECT course_id::text FROM course_users WHERE reader_id = account.reader_id
                      ORDER BY course_id) AS "courseUserIds",
                CASE WHEN profile.reader_id IS NOT NULL THEN to_jsonb(profile) - 'reader_id' END AS profile
         FROM accounts AS account LEFT JOIN profiles AS profile USING (reader_id)
         WHERE account.reader_id = $1`,
};

/**
 * All columns of a reader's account and profile, JSON-compatible, and the reader's ids in the course: an openid may have come under
 * several ids in several imports. Undefined if there is no account.
 */
export async function storedAccount(
  pool: Pool,
  readerId: string,
): Promise<{ readonly account: Readonly<Record<string, unknown>>; readonly profile: unknown } | undefined> {
  const { rows } = await pool.query<Record<string, unknown>>({ ...statement, values: [readerId] });
  if (rows[0] === undefined) return undefined;
  const { profile, ...account } = rows[0];
  return { account, profile };
}
