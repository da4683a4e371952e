import { channel as channelNames } from "../../domain/library/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, object, plain, sqlOf, text } from "../json.ts";
import { type JsonPage, pageOf } from "../page.ts";

const views = viewsOf(library);

const subCategory = object({ id: plain("sub_category_id"), name: text("sub_category"), books: bare("books") });
const category = object({
  channel: text("channel"),
  id: plain("category_id"),
  name: text("category"),
  books: bare("books"),
  subCategories: [{ text: "[" }, { sql: "coalesce(sub_categories, '')" }, { text: "]" }],
});
const channels = `array[${channelNames.options.map((name) => `'${name}'`).join(", ")}]`;

const statement = {
  name: "categories",
  text: `SELECT string_agg(${sqlOf(category)}, ',' ORDER BY array_position(${channels}, channel), books DESC, category) AS items
         FROM (SELECT channel, category, category_id, sum(books)::int4 AS books,
                      string_agg(${sqlOf(subCategory)}, ',' ORDER BY books DESC, sub_category)
                        FILTER (WHERE sub_category IS NOT NULL AND sub_category_id IS NOT NULL) AS sub_categories
               FROM (SELECT channel, category, category_id, sub_category, sub_category_id, count(*)::int4 AS books
                     FROM ${views.books}
                     WHERE withdrawn_at IS NULL AND ($1::text IS NULL OR channel = $1)
                     GROUP BY channel, category, category_id, sub_category, sub_category_id) AS counted
               GROUP BY channel, category, category_id) AS category`,
};

/** The categories of one channel, or of all; in each channel the largest first. With the sub-categories that have books. */
export async function categories(pool: Pool, channel: string | null): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statement, values: [channel] });
  return pageOf(rows[0]);
}
