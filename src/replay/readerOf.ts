import type { Pool } from "../platform/postgres.ts";

/** The reader of a pseudonym; undefined if there is none, as after an erasure. */
export async function readerOf(pool: Pick<Pool, "query">, pseudonym: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ reader_id: string }>({
    name: "reader-of-pseudonym",
    text: "SELECT reader_id FROM replay_pseudonyms WHERE pseudonym = $1",
    values: [pseudonym],
  });
  return rows[0]?.reader_id;
}
