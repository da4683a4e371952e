import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, nullUnless, object, orNull, plain, sqlOf, text } from "../json.ts";
import { listedFields } from "./newestBooks.ts";

const views = viewsOf(library);

const latestChapter = { chapterId: plain("latest.chapter_id"), no: bare("latest.no"), title: text("latest.title") };
const book = object({
  ...listedFields,
  intro: text("book.intro"),
  subCategoryId: orNull(plain, "book.sub_category_id"),
  publishedAt: orNull(instant, "book.published_at"),
  withdrawn: bare("book.withdrawn_at IS NOT NULL"),
  latestChapter: nullUnless("latest.chapter_id IS NOT NULL", object(latestChapter)),
});

const statement = {
  name: "book-detail",
  text: `SELECT ${sqlOf(book)} AS json
         FROM ${views.books} AS book
         LEFT JOIN ${views.chapters} AS latest ON latest.book_id = book.book_id AND latest.no = book.chapters
         WHERE book.book_id = $1`,
};

/** A book in full as JSON, withdrawn or not; undefined if there is no such book. */
export async function bookDetail(pool: Pool, bookId: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ json: string }>({ ...statement, values: [bookId] });
  return rows[0]?.json;
}
