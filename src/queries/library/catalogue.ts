import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, object, orNull, plain, text } from "../json.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";

const views = viewsOf(library);

/** The fields of a chapter in a book's catalogue, from a table named `chapter`. */
export const chapterFields = {
  chapterId: plain("chapter.chapter_id"),
  no: bare("chapter.no"),
  title: text("chapter.title"),
  volume: orNull(text, "chapter.volume"),
  kind: text("chapter.kind"),
  words: bare("chapter.words"),
};

export type CatalogueQuestion = {
  readonly bookId: string;
  readonly order: "asc" | "desc";
  readonly limit: number;
  /** The number of the last chapter on the previous page. */
  readonly after: number | null;
};

const statementOf = (order: "asc" | "desc") => ({
  name: `catalogue ${order}`,
  text: pageSql({
    item: object(chapterFields),
    rows: `FROM ${views.books} AS book
           JOIN ${views.chapters} AS chapter ON chapter.book_id = book.book_id AND chapter.no <= book.chapters
           WHERE book.book_id = $1 AND ($2::int4 IS NULL OR chapter.no ${order === "asc" ? ">" : "<"} $2)
           ORDER BY chapter.no ${order}`,
    limit: "$3",
    place: { no: "chapter.no" },
    next: (last) => `'["${order}",' || ${last("no")} || ']'`,
    more: `items IS NOT NULL OR EXISTS (SELECT FROM ${views.books} WHERE book_id = $1) AS found`,
  }),
});
const statements = { asc: statementOf("asc"), desc: statementOf("desc") };

/** A page of a book's chapters by number, ascending or descending; undefined if there is no such book. */
export async function catalogue(
  pool: Pool,
  { bookId, order, limit, after }: CatalogueQuestion,
): Promise<JsonPage | undefined> {
  const { rows } = await pool.query({ ...statements[order], values: [bookId, after, limit] });
  return rows[0]?.found ? pageOf(rows[0]) : undefined;
}
