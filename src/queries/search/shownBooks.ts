import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { object, sqlOf } from "../json.ts";
import { type ListedBook, listedFields } from "../library/newestBooks.ts";
import { type Highlights, highlighterOf } from "./highlights.ts";

const views = viewsOf(library);

/** A book in a list, with its intro and the matches in its texts. */
export type ShownBook = ListedBook & { readonly highlights: Highlights };

const statement = {
  name: "found-books",
  text: `SELECT ${sqlOf(object(listedFields))} AS json, book.intro
         FROM ${views.books} AS book WHERE book.book_id = ANY($1::text[]) AND book.withdrawn_at IS NULL`,
};

/** The visible ones of these books, by id. */
export async function shownBooks(
  pool: Pool,
  typed: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ShownBook>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<{ json: string; intro: string }>({ ...statement, values: [ids] });
  const highlight = highlighterOf(typed);
  return new Map(
    rows.map(({ json, intro }) => {
      const book = JSON.parse(json) as ListedBook;
      return [book.bookId, { ...book, highlights: highlight({ ...book, intro }) }];
    }),
  );
}
