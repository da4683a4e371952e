import { createEventLoopYield } from "../../platform/eventLoopYield.ts";
import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { object, sqlOf } from "../json.ts";
import { listedFields } from "../library/newestBooks.ts";
import { type Highlights, highlighterOf, type Texts } from "./highlights.ts";

const views = viewsOf(library);

/** A book in a list with the matches in its texts (`highlights`), as JSON. */
export type ShownBook = string;

const statement = {
  name: "found-books",
  text: `SELECT book.book_id, book.title, book.author, book.intro, ${sqlOf(object(listedFields))} AS json
         FROM ${views.books} AS book WHERE book.book_id = ANY($1::text[]) AND book.withdrawn_at IS NULL`,
};

type Row = { readonly book_id: string; readonly json: string } & Texts;

/** The visible ones of these books, by id. */
export async function shownBooks(
  pool: Pool,
  typed: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ShownBook>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<Row>({ ...statement, values: [ids] });
  const highlight = highlighterOf(typed);
  const books = new Map<string, ShownBook>();
  const yieldTurn = createEventLoopYield();
  for (const row of rows) {
    books.set(row.book_id, withHighlights(row.json, highlight(row)));
    await yieldTurn();
  }
  return books;
}

/** Adds a member to the JSON of an object. */
function withHighlights(json: string, highlights: Highlights): string {
  return `${json.slice(0, -1)},"highlights":${JSON.stringify(highlights)}}`;
}
