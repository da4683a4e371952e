import type { Pool } from "../platform/postgres.ts";

/** A chapter's text and the SHA-256 of its UTF-8, by which it is found again. */
export type StoredText = { readonly sha256: string; readonly text: string };

/**
 * Stores the texts that are not there yet, in one statement; answers how many those were. `length` is kept in UTF-16
 * units. Postgres takes no NUL character: the statement then fails and stores nothing.
 */
export async function storeTexts(pool: Pool, texts: readonly StoredText[]): Promise<number> {
  // One order for all importers: two that store the same texts at once then wait for each other, never in a circle.
  const sorted = [...texts].sort((one, other) => (one.sha256 < other.sha256 ? -1 : 1));
  const stored = await pool.query(
    `INSERT INTO content (sha256, text, length)
     SELECT * FROM unnest($1::text[], $2::text[], $3::int[])
     ON CONFLICT (sha256) DO NOTHING`,
    [sorted.map(({ sha256 }) => sha256), sorted.map(({ text }) => text), sorted.map(({ text }) => text.length)],
  );
  return stored.rowCount ?? 0;
}
