import { channel as channelNames } from "../../domain/library/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";

const views = viewsOf(library);

/** A category of a channel, with how many books it has; of its sub-categories those that have any. */
export type CategoryOfChannel = {
  readonly channel: string;
  readonly id: string;
  readonly name: string;
  readonly books: number;
  readonly subCategories: readonly { readonly id: string; readonly name: string; readonly books: number }[];
};

type Counted = {
  channel: string;
  category: string;
  category_id: string;
  sub_category: string | null;
  sub_category_id: string | null;
  books: number;
};

const statement = {
  name: "categories",
  text: `SELECT channel, category, category_id, sub_category, sub_category_id, count(*)::int4 AS books
         FROM ${views.books}
         WHERE withdrawn_at IS NULL AND ($1::text IS NULL OR channel = $1)
         GROUP BY channel, category, category_id, sub_category, sub_category_id
         ORDER BY channel, category, count(*) DESC, sub_category`,
};

/** The categories of one channel, or of all; in each channel the largest first. */
export async function categories(pool: Pool, channel: string | null): Promise<readonly CategoryOfChannel[]> {
  const { rows } = await pool.query<Counted>({ ...statement, values: [channel] });
  const found = new Map<
    string,
    CategoryOfChannel & { books: number; subCategories: CategoryOfChannel["subCategories"][number][] }
  >();
  for (const { channel, category, category_id, sub_category, sub_category_id, books } of rows) {
    const known = found.get(category_id) ?? { channel, id: category_id, name: category, books: 0, subCategories: [] };
    found.set(category_id, known);
    known.books += books;
    if (sub_category !== null && sub_category_id !== null) {
      known.subCategories.push({ id: sub_category_id, name: sub_category, books });
    }
  }
  const channels: readonly string[] = channelNames.options;
  return [...found.values()].sort(
    (one, other) => channels.indexOf(one.channel) - channels.indexOf(other.channel) || other.books - one.books,
  );
}
