import type { Pool } from "../platform/postgres.ts";

/** The book that the file with this SHA-256 became; undefined if it was not imported yet. */
export async function bookOfFile(pool: Pool, sha256: string): Promise<string | undefined> {
  const text = 'SELECT book_id AS "bookId" FROM library_files WHERE sha256 = $1';
  const { rows } = await pool.query<{ bookId: string }>(text, [sha256]);
  return rows[0]?.bookId;
}

/** Remembers which book a file became; the last import of a file counts. */
export async function rememberFile(pool: Pool, sha256: string, bookId: string): Promise<void> {
  await pool.query(
    `INSERT INTO library_files (sha256, book_id) VALUES ($1, $2)
     ON CONFLICT (sha256) DO UPDATE SET book_id = excluded.book_id, imported_at = now()`,
    [sha256, bookId],
  );
}
