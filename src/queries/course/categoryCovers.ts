import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { coverUrl } from "../library/newestBooks.ts";

const statement = {
  name: "course-category-covers",
  text: `SELECT asked.id, shown.url FROM unnest($1::text[]) AS asked (id)
         CROSS JOIN LATERAL (SELECT ${coverUrl} AS url FROM ${viewsOf(library).books} AS book
                             WHERE book.category_id = asked.id AND book.withdrawn_at IS NULL AND ${coverUrl} IS NOT NULL
                             ORDER BY book.updated_position DESC LIMIT 1) AS shown`,
};

/** A picture for each of these categories: the cover of its most recently updated book that has one. */
export async function categoryCovers(pool: Pool, categoryIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ id: string; url: string }>({ ...statement, values: [categoryIds] });
  return new Map(rows.map(({ id, url }) => [id, url]));
}
