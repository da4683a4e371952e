import type { Pool } from "../../platform/postgres.ts";
import { featured } from "../../projections/featured/featured.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { object, sqlOf } from "../json.ts";
import { listedFields } from "../library/newestBooks.ts";
import { type JsonPage, pageOf } from "../page.ts";

const featuredViews = viewsOf(featured);
const libraryViews = viewsOf(library);

const statement = {
  name: "featured-books",
  text: `SELECT string_agg(${sqlOf(object(listedFields))}, ',' ORDER BY featured.place, book.book_id) AS items
         FROM ${featuredViews.featured_books} AS featured
         JOIN ${libraryViews.books} AS book ON book.book_id = featured.book_id
         WHERE featured.channel = $1 AND book.withdrawn_at IS NULL`,
};

/** All featured books of a channel, in the operators' order. */
export async function featuredBooks(pool: Pool, channel: string): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statement, values: [channel] });
  return pageOf(rows[0]);
}
