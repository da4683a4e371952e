import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { type Page, pageOf } from "../page.ts";

const views = viewsOf(library);

/** A chapter as a book's catalogue shows it. */
export type CatalogueChapter = {
  readonly chapterId: string;
  readonly no: number;
  readonly title: string;
  readonly volume: string | null;
  readonly kind: string;
  readonly words: number;
};

export type CatalogueQuestion = {
  readonly bookId: string;
  readonly order: "asc" | "desc";
  readonly limit: number;
  /** The number of the last chapter of the page before. */
  readonly after: number | null;
};

const statementOf = (order: "asc" | "desc") => ({
  name: `catalogue ${order}`,
  text: `SELECT chapter.chapter_id AS "chapterId", chapter.no, chapter.title, chapter.volume, chapter.kind, chapter.words
         FROM ${views.books} AS book
         JOIN ${views.chapters} AS chapter ON chapter.book_id = book.book_id AND chapter.no <= book.chapters
         WHERE book.book_id = $1 AND ($2::int4 IS NULL OR chapter.no ${order === "asc" ? ">" : "<"} $2)
         ORDER BY chapter.no ${order}
         LIMIT $3`,
});
const statements = { asc: statementOf("asc"), desc: statementOf("desc") };

/** A page of a book's chapters by their numbers, up or down; undefined if there is no such book. */
export async function catalogue(
  pool: Pool,
  { bookId, order, limit, after }: CatalogueQuestion,
): Promise<Page<CatalogueChapter, number> | undefined> {
  const { rows } = await pool.query<CatalogueChapter>({ ...statements[order], values: [bookId, after, limit + 1] });
  if (rows.length === 0) {
    const text = `SELECT FROM ${views.books} WHERE book_id = $1`;
    const book = await pool.query({ name: "book exists", text, values: [bookId] });
    if (book.rows.length === 0) return undefined;
  }
  return pageOf(rows, limit, ({ no }) => no);
}
