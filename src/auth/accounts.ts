import type { Pool } from "../platform/postgres.ts";

const find = { name: "account-by-openid", text: "SELECT reader_id FROM accounts WHERE openid = $1" };

const add = {
  name: "add-account",
  text: `INSERT INTO accounts (reader_id, openid, registered_at, roles)
         VALUES ($1, $2, now(), '{reader}')
         ON CONFLICT (openid) DO NOTHING`,
};

type Row = { readonly reader_id: string };

/**
 * The reader id of a WeChat openid; an openid that is not known gets `newReaderId`. Of two first logins at once one
 * adds the row, and both get its id: the conflicting insert waits until the other has committed.
 */
export async function readerIdFor(pool: Pool, openid: string, newReaderId: string): Promise<string> {
  const known = await pool.query<Row>({ ...find, values: [openid] });
  if (known.rows[0] !== undefined) return known.rows[0].reader_id;
  await pool.query({ ...add, values: [newReaderId, openid] });
  const added = await pool.query<Row>({ ...find, values: [openid] });
  if (added.rows[0] === undefined) throw new Error("an account that was just added is gone");
  return added.rows[0].reader_id;
}
