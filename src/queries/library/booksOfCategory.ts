import type { Pool } from "../../platform/postgres.ts";
import { collected } from "../../projections/collected/collected.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { type Page, pageOf } from "../page.ts";
import { type ListedBook, listedColumns } from "./newestBooks.ts";

const collectedViews = viewsOf(collected);
const libraryViews = viewsOf(library);

export type CategoryOrder = "updated" | "collected";

/** The place of a book in its order: the shelves it lies on, for `collected`, and its last change. Positions are text, as JSON holds no bigint. */
export type CategoryCursor =
  | readonly ["updated", position: string]
  | readonly ["collected", shelves: number, position: string];

/** From `least` words to `most`, both included; null is no bound. */
export type WordRange = { readonly least: number | null; readonly most: number | null };

export type CategoryQuestion = {
  /** Of a category, or of a sub-category. */
  readonly id: string;
  readonly status: string | null;
  /** Leaves out the books whose words nobody has counted. */
  readonly words: WordRange | null;
  readonly order: CategoryOrder;
  readonly limit: number;
  /** The last book of the page before, in the same order. */
  readonly after: CategoryCursor | null;
};

const beyondAll = String(2n ** 63n - 1n);
const beforeAll: Record<CategoryOrder, CategoryCursor> = {
  updated: ["updated", beyondAll],
  collected: ["collected", 2 ** 31 - 1, beyondAll],
};

const orders: Record<CategoryOrder, { readonly from: string; readonly order: string }> = {
  updated: { from: "book.updated_position < $6::int8", order: "book.updated_position DESC" },
  collected: {
    from: "(coalesce(collected.shelves, 0), book.updated_position) < ($6::int4, $7::int8)",
    order: "coalesce(collected.shelves, 0) DESC, book.updated_position DESC",
  },
};

const columns = { category: "category_id", subCategory: "sub_category_id" } as const;

const statementOf = (kind: keyof typeof columns, order: CategoryOrder) => ({
  name: `books of ${kind} by ${order}`,
  text: `SELECT ${listedColumns}, coalesce(collected.shelves, 0) AS shelves, book.updated_position AS position
         FROM ${libraryViews.books} AS book
         LEFT JOIN ${collectedViews.collected_books} AS collected ON collected.book_id = book.book_id
         WHERE book.${columns[kind]} = $1 AND book.withdrawn_at IS NULL
           AND ($2::text IS NULL OR book.status = $2)
           AND ($3::int8 IS NULL OR book.words >= $3) AND ($4::int8 IS NULL OR book.words <= $4)
           AND ${orders[order].from}
         ORDER BY ${orders[order].order}
         LIMIT $5`,
});
const statements = {
  category: { updated: statementOf("category", "updated"), collected: statementOf("category", "collected") },
  subCategory: { updated: statementOf("subCategory", "updated"), collected: statementOf("subCategory", "collected") },
};

export type BookOfCategory = ListedBook & { readonly shelves: number };

/** A page of the books of a category or sub-category; undefined if there is no such category. */
export async function booksOfCategory(
  pool: Pool,
  question: CategoryQuestion,
): Promise<Page<BookOfCategory, CategoryCursor> | undefined> {
  const { id, status, words, order, limit, after } = question;
  const kind = id.startsWith("s") ? "subCategory" : "category";
  const [, ...place] = after ?? beforeAll[order];
  const values = [id, status, words?.least ?? null, words?.most ?? null, limit + 1, ...place];
  const { rows } = await pool.query<BookOfCategory & { position: bigint }>({ ...statements[kind][order], values });
  if (rows.length === 0 && !(await exists(pool, kind, id))) return undefined;
  return pageOf(rows, limit, ({ shelves, position }) =>
    order === "updated" ? [order, String(position)] : [order, shelves, String(position)],
  );
}

async function exists(pool: Pool, kind: keyof typeof columns, id: string): Promise<boolean> {
  const text = `SELECT FROM ${libraryViews.books} WHERE ${columns[kind]} = $1 AND withdrawn_at IS NULL LIMIT 1`;
  return (await pool.query({ name: `${kind} exists`, text, values: [id] })).rows.length > 0;
}
