import type { Pool } from "../../platform/postgres.ts";

const mark = {
  name: "mark-account-erased",
  text: `WITH of_course AS (UPDATE course_users SET reader_id = NULL WHERE reader_id = $1)
         INSERT INTO accounts (reader_id, openid, registered_at, roles, erased_at) VALUES ($1, NULL, now(), '{}', now())
         ON CONFLICT (reader_id) DO UPDATE
         SET openid = NULL, roles = '{}', erased_at = coalesce(accounts.erased_at, now())
         RETURNING forgotten_at IS NOT NULL AS forgotten`,
};

/**
 * Marks an account as erased, even one that does not exist: from then on its tokens are rejected and its openid belongs to no
 * account; a course user who became this reader is unlinked, and not imported again. Idempotent. `forgotten`: whether the
 * erasure was completed before.
 */
export async function markErased(pool: Pool, readerId: string): Promise<{ readonly forgotten: boolean }> {
  const { rows } = await pool.query<{ forgotten: boolean }>({ ...mark, values: [readerId] });
  return { forgotten: rows[0]?.forgotten ?? false };
}

/** Marked readers whose streams may not all be deleted, the longest waiting first; at most `limit`, and none of `except`. */
export async function readersToErase(
  pool: Pool,
  limit: number,
  except: readonly string[] = [],
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ reader_id: string }>(
    `SELECT reader_id FROM accounts WHERE erased_at IS NOT NULL AND forgotten_at IS NULL
     AND reader_id <> ALL ($2) ORDER BY erased_at LIMIT $1`,
    [limit, except],
  );
  return rows.map(({ reader_id }) => reader_id);
}

/** Minutes for which a mark stays: an access token lives for 15, and one may be issued while the account is being marked. */
export const markMinutes = 20;

/** Returns whether there are readers to erase, or marks that no token needs any more. */
export async function isAnyoneMarked(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ marked: boolean }>({
    name: "is-anyone-marked",
    text: `SELECT EXISTS (SELECT FROM accounts WHERE erased_at IS NOT NULL
             AND (forgotten_at IS NULL OR forgotten_at < now() - make_interval(mins => $1))) AS marked`,
    values: [markMinutes],
  });
  return rows[0]?.marked === true;
}
