import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { type ListedBook, listedColumns } from "./newestBooks.ts";

const views = viewsOf(library);

/** A book in full, also when it is withdrawn. */
export type BookDetail = ListedBook & {
  readonly intro: string;
  readonly subCategoryId: string | null;
  readonly publishedAt: Date | null;
  readonly withdrawn: boolean;
  readonly latestChapterId: string | null;
  readonly latestChapterNo: number | null;
  readonly latestChapterTitle: string | null;
};

const statement = {
  name: "book-detail",
  text: `SELECT ${listedColumns}, book.intro, book.sub_category_id AS "subCategoryId", book.published_at AS "publishedAt",
                book.withdrawn_at IS NOT NULL AS withdrawn, latest.chapter_id AS "latestChapterId",
                latest.no AS "latestChapterNo", latest.title AS "latestChapterTitle"
         FROM ${views.books} AS book
         LEFT JOIN ${views.chapters} AS latest ON latest.book_id = book.book_id AND latest.no = book.chapters
         WHERE book.book_id = $1`,
};

/** A book of the catalogue; undefined if there is none of this id. */
export async function bookDetail(pool: Pool, bookId: string): Promise<BookDetail | undefined> {
  const { rows } = await pool.query<BookDetail>({ ...statement, values: [bookId] });
  return rows[0];
}
