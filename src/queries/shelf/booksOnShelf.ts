import type { Pool } from "../../platform/postgres.ts";
import { type Page, type PageRequest, pageOf } from "../page.ts";

/** A book on a shelf. The library's part is null while its read model has not seen the book yet. */
export type ShelvedBook = {
  readonly bookId: string;
  readonly title: string | null;
  readonly author: string | null;
  readonly coverUrl: string | null;
  readonly addedAt: Date;
  /** Of the event that put the book on the shelf. */
  readonly position: bigint;
};

const statement = {
  name: "books-on-shelf",
  text: `SELECT shelved.book_id AS "bookId", book.title, book.author, book.cover_url AS "coverUrl",
                shelved.added_at AS "addedAt", shelved.added_position AS position
         FROM shelf_v1.shelf_books AS shelved
         LEFT JOIN library_v1.books AS book ON book.book_id = shelved.book_id
         WHERE shelved.reader_id = $1 AND ($2::int8 IS NULL OR shelved.added_position < $2)
         ORDER BY shelved.added_position DESC
         LIMIT $3`,
};

/** What lies on a reader's shelf, the last added first. */
export async function booksOnShelf(
  pool: Pool,
  readerId: string,
  { limit, before }: PageRequest,
): Promise<Page<ShelvedBook>> {
  const { rows } = await pool.query<ShelvedBook>({ ...statement, values: [readerId, before, limit + 1] });
  return pageOf(rows, limit);
}
