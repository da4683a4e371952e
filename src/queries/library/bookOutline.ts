import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";

const views = viewsOf(library);

/** A chapter without its text. `words`: characters without white space. */
export type OutlinedChapter = {
  readonly no: number;
  readonly title: string;
  readonly volume: string | null;
  readonly words: number;
  readonly sha256: string;
};

export type BookOutline = {
  readonly title: string;
  readonly author: string;
  readonly chapters: readonly OutlinedChapter[];
};

/** Title and chapters of the published edition; undefined if there is no such book. */
export async function bookOutline(pool: Pool, bookId: string): Promise<BookOutline | undefined> {
  const books = await pool.query<{ title: string; author: string; chapters: number }>(
    `SELECT title, author, chapters FROM ${views.books} WHERE book_id = $1`,
    [bookId],
  );
  const [book] = books.rows;
  if (book === undefined) return undefined;
  const { rows } = await pool.query<OutlinedChapter>(
    `SELECT no, title, volume, words, sha256 FROM ${views.chapters} WHERE book_id = $1 AND no <= $2 ORDER BY no`,
    [bookId, book.chapters],
  );
  return { ...book, chapters: rows };
}
