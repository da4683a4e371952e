import type { Pool } from "../../platform/postgres.ts";
import { type Page, type PageRequest, pageOf } from "../page.ts";

/** A published book as lists show it; `chapters` and `words` count those of the published edition. */
export type ListedBook = {
  readonly bookId: string;
  readonly title: string;
  readonly author: string;
  readonly coverUrl: string | null;
  readonly channel: string;
  readonly category: string;
  readonly status: string;
  readonly chapters: number;
  readonly words: bigint;
  readonly publishedAt: Date;
  /** Of the book's first publication. */
  readonly position: bigint;
};

const statement = {
  name: "published-books",
  text: `SELECT book_id AS "bookId", title, author, cover_url AS "coverUrl", channel, category, status, chapters, words,
                published_at AS "publishedAt", published_position AS position
         FROM library_v1.books
         WHERE published_position IS NOT NULL AND ($1::int8 IS NULL OR published_position < $1)
         ORDER BY published_position DESC
         LIMIT $2`,
};

/** The books that readers can open, the newest first: by their first publication, so that an edition moves no book. */
export async function publishedBooks(pool: Pool, { limit, before }: PageRequest): Promise<Page<ListedBook>> {
  const { rows } = await pool.query<ListedBook>({ ...statement, values: [before, limit + 1] });
  return pageOf(rows, limit);
}
