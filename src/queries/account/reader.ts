import type { Pool } from "../../platform/postgres.ts";

export type Reader = { readonly id: string; readonly roles: readonly string[]; readonly registeredAt: Date };

const statement = {
  name: "reader",
  text: `SELECT reader_id AS id, roles, registered_at AS "registeredAt" FROM accounts WHERE reader_id = $1`,
};

/** The account of a reader; undefined if it is gone. */
export async function reader(pool: Pool, readerId: string): Promise<Reader | undefined> {
  const { rows } = await pool.query<Reader>({ ...statement, values: [readerId] });
  return rows[0];
}
