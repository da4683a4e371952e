import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";

const statement = {
  name: "titles-of-books",
  text: `SELECT book_id AS "bookId", title FROM ${viewsOf(library).books} WHERE book_id = ANY($1)`,
};

/** The current titles of books, by id; unknown books are missing. */
export async function titlesOf(pool: Pool, bookIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (bookIds.length === 0) return new Map();
  const { rows } = await pool.query<{ bookId: string; title: string }>({ ...statement, values: [bookIds] });
  return new Map(rows.map(({ bookId, title }) => [bookId, title]));
}
