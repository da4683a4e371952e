import type { Pool } from "../../platform/postgres.ts";
import { featured } from "../../projections/featured/featured.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { object, sqlOf } from "../json.ts";
import { listedFields } from "../library/newestBooks.ts";
import { preferencesOf } from "../preferences/chosen.ts";

const featuredViews = viewsOf(featured);
const libraryViews = viewsOf(library);

/** The number of recommendations on an empty shelf. */
const recommendedAtMost = 10;

/** As many books from each source as are needed in total, so that overlaps do not matter. */
const perSource = recommendedAtMost;

/** Visible books with text, found by an index: the last updated of a category, the last catalogued of a channel. */
const readable = "book.withdrawn_at IS NULL AND book.edition IS NOT NULL";
const ofCategories = (column: string) => `
  SELECT found.book_id, 2 AS source, -found.updated_position AS place
  FROM unnest($2::text[]) AS chosen (id)
  CROSS JOIN LATERAL (SELECT book.book_id, book.updated_position FROM ${libraryViews.books} AS book
                      WHERE book.${column} = chosen.id AND ${readable}
                      ORDER BY book.updated_position DESC LIMIT ${perSource}) AS found`;

const statement = {
  name: "recommended-books",
  text: `SELECT string_agg(item, ',' ORDER BY source, place, book_id) AS items
         FROM (SELECT ${sqlOf(object(listedFields))} AS item, source, place, book.book_id
               FROM (SELECT DISTINCT ON (book_id) book_id, source, place
                     FROM (SELECT book_id, 1 AS source, place::int8 AS place FROM ${featuredViews.featured_books}
                           WHERE $1::text IS NULL OR channel = $1
                           UNION ALL ${ofCategories("category_id")}
                           UNION ALL ${ofCategories("sub_category_id")}
                           UNION ALL
                           (SELECT book.book_id, 3, -book.catalogued_position FROM ${libraryViews.books} AS book
                            WHERE ${readable} AND ($1::text IS NULL OR book.channel = $1)
                            ORDER BY book.catalogued_position DESC LIMIT ${perSource})) AS source
                     ORDER BY book_id, source, place) AS candidate
               JOIN ${libraryViews.books} AS book USING (book_id)
               WHERE book.withdrawn_at IS NULL
               ORDER BY source, place, book.book_id
               LIMIT ${recommendedAtMost}) AS recommended`,
};

/**
 * Recommendations for a reader with an empty shelf, at most 10 books, as a JSON list: featured books of the chosen channel (of
 * all channels if none is chosen), then the last updated books of the chosen categories, then the newest of the channel.
 */
export async function recommendedBooks(pool: Pool, readerId: string): Promise<string> {
  const { channel, categoryIds } = await preferencesOf(pool, readerId);
  const { rows } = await pool.query<{ items: string | null }>({ ...statement, values: [channel, categoryIds] });
  return `[${rows[0]?.items ?? ""}]`;
}
