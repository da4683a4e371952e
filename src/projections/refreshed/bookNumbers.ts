import type { Pool } from "../../platform/postgres.ts";
import { collected } from "../collected/collected.ts";
import type { NumbersSource } from "../stores/elasticsearch/context.ts";
import { viewsOf } from "../views.ts";

const shelves = viewsOf(collected).collected_books;

type Stored = { readonly book_id: string; readonly heat: number; readonly shelves: number };

/**
 * For all books with numbers, or for some. Heat in points, decayed, from heat_scores; shelves from the read model's live build.
 */
const statement = (source: string, where: string) => `
  SELECT book_id, coalesce(h.heat, 0)::float8 / 1000 AS heat, coalesce(c.shelves, 0)::int4 AS shelves
  FROM (SELECT book_id, heat FROM heat_scores ${where}) AS h
  FULL JOIN (SELECT book_id, shelves FROM ${source} ${where}) AS c USING (book_id)`;

/** Replaces the shelves while no build of them is live. */
const noShelves = "(SELECT NULL::text AS book_id, 0 AS shelves WHERE false) AS nothing";

/** The numbers of books in the index that change without an event of the book: decayed heat, and the number of shelves. */
export function bookNumbers(pool: Pool): NumbersSource {
  const ask = async (where: string, values: readonly unknown[]) => {
    const known = await pool.query<{ live: boolean }>("SELECT to_regclass($1) IS NOT NULL AS live", [shelves]);
    const source = known.rows[0]?.live === true ? shelves : noShelves;
    const { rows } = await pool.query<Stored>(statement(source, where), [...values]);
    return new Map(rows.map(({ book_id, heat, shelves }) => [book_id, { heat, shelves }]));
  };
  return {
    of: (keys) => ask("WHERE book_id = ANY ($1)", [keys]),
    all: () => ask("", []),
  };
}
