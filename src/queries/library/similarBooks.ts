import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { object } from "../json.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";
import { listedFields } from "./newestBooks.ts";

const views = viewsOf(library);
const heat = "coalesce(scores.heat, 0)";

const statement = {
  name: "similar-books",
  text: pageSql({
    item: object(listedFields),
    rows: `FROM ${views.books} AS like_this
           JOIN ${views.books} AS book
             ON book.category_id = like_this.category_id AND book.book_id <> like_this.book_id AND book.withdrawn_at IS NULL
           LEFT JOIN heat_scores AS scores ON scores.book_id = book.book_id
           WHERE like_this.book_id = $1
           ORDER BY ${heat} DESC, book.updated_position DESC`,
    limit: "$2",
    shown: "book.book_id",
    place: {},
    next: () => "NULL::text",
    more: `items IS NOT NULL OR EXISTS (SELECT FROM ${views.books} WHERE book_id = $1) AS found`,
  }),
};

/** Books of the same category by heat; undefined if there is no such book. */
export async function similarBooks(
  pool: Pool,
  { bookId, limit }: { readonly bookId: string; readonly limit: number },
): Promise<JsonPage | undefined> {
  const { rows } = await pool.query({ ...statement, values: [bookId, limit] });
  return rows[0]?.found ? pageOf(rows[0]) : undefined;
}
