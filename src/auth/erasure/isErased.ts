import type { Pool } from "../../platform/postgres.ts";

const statement = {
  name: "is-reader-erased",
  text: "SELECT 1 FROM accounts WHERE reader_id = $1 AND erased_at IS NOT NULL",
};

/**
 * Returns whether the reader's account is marked as erased in Postgres: the streams may still exist. The mark is removed some
 * time after them.
 */
export async function isErased(pool: Pool, readerId: string): Promise<boolean> {
  const { rowCount } = await pool.query({ ...statement, values: [readerId] });
  return rowCount !== 0;
}
