import type { Pool } from "../../platform/postgres.ts";
import { collected } from "../../projections/collected/collected.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, object } from "../json.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";
import { listedFields } from "./newestBooks.ts";

const collectedViews = viewsOf(collected);
const libraryViews = viewsOf(library);

export type CategoryOrder = "updated" | "collected" | "heat";

/**
 * A book's place in its order: the shelves or heat, where the order uses them, and its last change. Positions are text, since
 * JSON has no bigint.
 */
export type CategoryCursor =
  | readonly ["updated", position: string]
  | readonly ["collected", shelves: number, position: string]
  | readonly ["heat", heat: string, position: string];

/** From `min` to `max` words, inclusive; null is unbounded. */
export type WordRange = { readonly min: number | null; readonly max: number | null };

export type CategoryQuestion = {
  /** The id of a category or sub-category. */
  readonly id: string;
  readonly status: string | null;
  /** Excludes books without a word count. */
  readonly words: WordRange | null;
  readonly order: CategoryOrder;
  readonly limit: number;
  /** The last book of the previous page, in the same order. */
  readonly after: CategoryCursor | null;
};

const beyondAll = String(2n ** 63n - 1n);
const beforeAll: Record<CategoryOrder, CategoryCursor> = {
  updated: ["updated", beyondAll],
  collected: ["collected", 2 ** 31 - 1, beyondAll],
  heat: ["heat", beyondAll, beyondAll],
};

const shelves = "coalesce(collected.shelves, 0)";
const heat = "coalesce(scores.heat, 0)";
const position = "book.updated_position";

const orders = {
  updated: {
    from: `${position} < $6::int8`,
    order: `${position} DESC`,
    place: { position },
    next: (last: (column: string) => string) => `'["updated","' || ${last("position")} || '"]'`,
  },
  collected: {
    from: `(${shelves}, ${position}) < ($6::int4, $7::int8)`,
    order: `${shelves} DESC, ${position} DESC`,
    place: { shelves, position },
    next: (last: (column: string) => string) =>
      `'["collected",' || ${last("shelves")} || ',"' || ${last("position")} || '"]'`,
  },
  heat: {
    from: `(${heat}, ${position}) < ($6::int8, $7::int8)`,
    order: `${heat} DESC, ${position} DESC`,
    place: { heat, position },
    next: (last: (column: string) => string) =>
      `'["heat","' || ${last("heat")} || '","' || ${last("position")} || '"]'`,
  },
} as const satisfies Record<CategoryOrder, unknown>;

const columns = { category: "category_id", subCategory: "sub_category_id" } as const;

const statementOf = (kind: keyof typeof columns, order: CategoryOrder) => ({
  name: `books of ${kind} by ${order}`,
  text: pageSql({
    item: object({ ...listedFields, shelves: bare(shelves) }),
    rows: `FROM ${libraryViews.books} AS book
           LEFT JOIN ${collectedViews.collected_books} AS collected ON collected.book_id = book.book_id
           LEFT JOIN heat_scores AS scores ON scores.book_id = book.book_id
           WHERE book.${columns[kind]} = $1 AND book.withdrawn_at IS NULL
             AND ($2::text IS NULL OR book.status = $2)
             AND ($3::int8 IS NULL OR book.words >= $3) AND ($4::int8 IS NULL OR book.words <= $4)
             AND ${orders[order].from}
           ORDER BY ${orders[order].order}`,
    limit: "$5",
    shown: "book.book_id",
    place: orders[order].place,
    next: orders[order].next,
    more: `items IS NOT NULL OR EXISTS (SELECT FROM ${libraryViews.books}
                                        WHERE ${columns[kind]} = $1 AND withdrawn_at IS NULL) AS found`,
  }),
});
const statementsOf = (kind: keyof typeof columns) => ({
  updated: statementOf(kind, "updated"),
  collected: statementOf(kind, "collected"),
  heat: statementOf(kind, "heat"),
});
const statements = {
  category: statementsOf("category"),
  subCategory: statementsOf("subCategory"),
};

/**
 * A page of the books of a category or sub-category, each with its number of `shelves`; undefined if there is no such category.
 */
export async function booksOfCategory(pool: Pool, question: CategoryQuestion): Promise<JsonPage | undefined> {
  const { id, status, words, order, limit, after } = question;
  const kind = id.startsWith("s") ? "subCategory" : "category";
  const [, ...place] = after ?? beforeAll[order];
  const values = [id, status, words?.min ?? null, words?.max ?? null, limit, ...place];
  const { rows } = await pool.query({ ...statements[kind][order], values });
  return rows[0]?.found ? pageOf(rows[0]) : undefined;
}
