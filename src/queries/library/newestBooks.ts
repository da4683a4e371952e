import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { type Page, type PageRequest, pageOf } from "../page.ts";

const views = viewsOf(library);

/** A book as lists show it. `words` is null when nobody has counted them; `edition` while there is no text. */
export type ListedBook = {
  readonly bookId: string;
  readonly title: string;
  readonly author: string;
  /** Elsewhere, or the path of one of ours. */
  readonly coverUrl: string | null;
  readonly channel: string;
  readonly category: string;
  readonly categoryId: string;
  readonly subCategory: string | null;
  readonly status: string;
  readonly chapters: number;
  readonly words: bigint | null;
  readonly edition: number | null;
  readonly cataloguedAt: Date;
  readonly updatedAt: Date;
};

/** The columns of a ListedBook, of a table named `book`. */
export const listedColumns = `
  book.book_id AS "bookId", book.title, book.author, COALESCE(book.cover_url, '/v1/covers/' || book.cover_sha256) AS "coverUrl",
  book.channel, book.category, book.category_id AS "categoryId", book.sub_category AS "subCategory", book.status, book.chapters, book.words, book.edition,
  book.catalogued_at AS "cataloguedAt", book.updated_at AS "updatedAt"`;

const statement = {
  name: "newest-books",
  text: `SELECT ${listedColumns}, book.catalogued_position AS position
         FROM ${views.books} AS book
         WHERE book.withdrawn_at IS NULL AND ($1::int8 IS NULL OR book.catalogued_position < $1)
         ORDER BY book.catalogued_position DESC
         LIMIT $2`,
};

/** The books of the library, the newest first: by when they were catalogued, so that an edition moves no book. */
export async function newestBooks(
  pool: Pool,
  { limit, before }: PageRequest,
): Promise<Page<ListedBook & { readonly position: bigint }>> {
  const { rows } = await pool.query<ListedBook & { position: bigint }>({ ...statement, values: [before, limit + 1] });
  return pageOf(rows, limit, ({ position }) => position);
}
