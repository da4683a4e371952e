import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, object, orNull, plain, text } from "../json.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";

const views = viewsOf(library);

/** A book in a list, as JSON. `words` is null if unknown; `edition` is null while there is no text. */
export type ListedBook = {
  readonly bookId: string;
  readonly title: string;
  readonly author: string;
  /** An external URL, or a path of this API. */
  readonly coverUrl: string | null;
  readonly channel: string;
  readonly category: string;
  readonly categoryId: string;
  readonly subCategory: string | null;
  readonly status: string;
  readonly chapters: number;
  readonly words: number | null;
  readonly edition: number | null;
  readonly cataloguedAt: string;
  readonly updatedAt: string;
};

/** The URL of a book's cover, from a table named `book`. */
export const coverUrl = "coalesce(book.cover_url, '/v1/covers/' || book.cover_sha256)";

/** The fields of a ListedBook, from a table named `book`. */
export const listedFields = {
  bookId: plain("book.book_id"),
  title: text("book.title"),
  author: text("book.author"),
  coverUrl: orNull(text, coverUrl),
  channel: text("book.channel"),
  category: text("book.category"),
  categoryId: plain("book.category_id"),
  subCategory: orNull(text, "book.sub_category"),
  status: text("book.status"),
  chapters: bare("book.chapters"),
  words: orNull(bare, "book.words"),
  edition: orNull(bare, "book.edition"),
  cataloguedAt: instant("book.catalogued_at"),
  updatedAt: instant("book.updated_at"),
};

const statementOf = (state: "shown" | "withdrawn") => ({
  name: `newest-books ${state}`,
  text: pageSql({
    item: object(listedFields),
    rows: `FROM ${views.books} AS book
           WHERE book.withdrawn_at IS ${state === "shown" ? "" : "NOT "}NULL AND ($1::int8 IS NULL OR book.catalogued_position < $1)
           ORDER BY book.catalogued_position DESC`,
    limit: "$2",
    place: { position: "book.catalogued_position" },
    next: (last) => `${last("position")}::text`,
  }),
});
const statements = { shown: statementOf("shown"), withdrawn: statementOf("withdrawn") };

/**
 * The books of the library, the last catalogued first; a new edition does not move a book. `before` is a log position; `next`
 * is that of the page's last book. With `withdrawn` the withdrawn ones, which no other list has.
 */
export async function newestBooks(
  pool: Pool,
  {
    limit,
    before,
    withdrawn = false,
  }: { readonly limit: number; readonly before: bigint | null; readonly withdrawn?: boolean },
): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statements[withdrawn ? "withdrawn" : "shown"], values: [before, limit] });
  return pageOf(rows[0]);
}
