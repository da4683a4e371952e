import type { Pool } from "../../platform/postgres.ts";
import type { ListedBook } from "./publishedBooks.ts";

export type PublishedBook = Omit<ListedBook, "position"> & {
  readonly intro: string;
  readonly edition: number;
  /** When the catalogue or the edition last changed. */
  readonly updatedAt: Date;
};

const statement = {
  name: "published-book",
  text: `SELECT book_id AS "bookId", title, author, cover_url AS "coverUrl", channel, category, status, chapters, words,
                published_at AS "publishedAt", intro, edition, updated_at AS "updatedAt"
         FROM library_v1.books
         WHERE book_id = $1 AND published_position IS NOT NULL`,
};

/** A book that readers can open; undefined if there is none of this id, or it is not published yet. */
export async function publishedBook(pool: Pool, bookId: string): Promise<PublishedBook | undefined> {
  const { rows } = await pool.query<PublishedBook>({ ...statement, values: [bookId] });
  return rows[0];
}
