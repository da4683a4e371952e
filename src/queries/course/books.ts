import type { Pool } from "../../platform/postgres.ts";
import { collected } from "../../projections/collected/collected.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import type { WordRange } from "../library/booksOfCategory.ts";
import { coverUrl } from "../library/newestBooks.ts";

const views = viewsOf(library);
const collectedViews = viewsOf(collected);

/** A book as the course's lists show it. */
export type CourseBook = {
  readonly id: string;
  readonly title: string;
  readonly introduction: string;
  readonly author: string;
  readonly status: string;
  /** The sub-category, if the book has one, else the category. */
  readonly categoryId: string;
  readonly categoryName: string;
  /** An external URL, or a path of this API. */
  readonly coverUrl: string | null;
};

/** The columns of a CourseBook, from a table named `book`. */
export const courseBookColumns = `book.book_id AS id, book.title, book.intro AS introduction, book.author, book.status,
  coalesce(book.sub_category_id, book.category_id) AS "categoryId",
  coalesce(book.sub_category, book.category) AS "categoryName", ${coverUrl} AS "coverUrl"`;

/** The course sorts by heat, or by the number of shelves. */
export type CourseOrder = "heat" | "collected";

export type CourseBooksQuestion = {
  /** A category or sub-category; null for the whole library. */
  readonly category: string | null;
  readonly words: WordRange | null;
  readonly order: CourseOrder;
  readonly limit: number;
  readonly offset: number;
};

const kinds = {
  all: "$1::text IS NULL",
  category: "book.category_id = $1",
  subCategory: "book.sub_category_id = $1",
} as const;

const filter = (kind: keyof typeof kinds) => `book.withdrawn_at IS NULL AND ${kinds[kind]}
  AND ($2::int8 IS NULL OR book.words >= $2) AND ($3::int8 IS NULL OR book.words <= $3)`;

const shelvesJoin = `LEFT JOIN ${collectedViews.collected_books} AS collected ON collected.book_id = book.book_id`;
const byShelves = "coalesce(collected.shelves, 0) DESC, book.updated_position DESC";

/** The ordering criteria; among equally hot books first the one on more shelves, then the one updated last. */
const firstIn: Record<CourseOrder, { readonly join: string; readonly by: string }> = {
  heat: {
    join: `LEFT JOIN heat_scores AS scores ON scores.book_id = book.book_id ${shelvesJoin}`,
    by: `coalesce(scores.heat, 0) DESC, ${byShelves}`,
  },
  collected: { join: shelvesJoin, by: byShelves },
};

const pageStatement = (kind: keyof typeof kinds, order: CourseOrder) => ({
  name: `course books of ${kind} by ${order}`,
  text: `SELECT ${courseBookColumns} FROM ${views.books} AS book ${firstIn[order].join}
         WHERE ${filter(kind)} ORDER BY ${firstIn[order].by} LIMIT $4 OFFSET $5`,
});

const countStatement = (kind: keyof typeof kinds) => ({
  name: `course books of ${kind}, counted`,
  text: `SELECT count(*)::int4 AS total FROM ${views.books} AS book WHERE ${filter(kind)}`,
});

/** A page of books by page number, and the total number of books. An unknown category has none. */
export async function courseBooks(
  pool: Pool,
  { category, words, order, limit, offset }: CourseBooksQuestion,
): Promise<{ readonly total: number; readonly books: readonly CourseBook[] }> {
  const kind = category === null ? "all" : category.startsWith("s") ? "subCategory" : "category";
  const asked = [category, words?.min ?? null, words?.max ?? null];
  const [counted, page] = await Promise.all([
    pool.query<{ total: number }>({ ...countStatement(kind), values: asked }),
    pool.query<CourseBook>({ ...pageStatement(kind, order), values: [...asked, limit, offset] }),
  ]);
  return { total: counted.rows[0]?.total ?? 0, books: page.rows };
}

const namedStatement = {
  name: "course books by ids",
  text: `SELECT ${courseBookColumns} FROM unnest($1::text[]) WITH ORDINALITY AS named (id, place)
         JOIN ${views.books} AS book ON book.book_id = named.id AND book.withdrawn_at IS NULL ORDER BY named.place`,
};

/** The books with these ids, in this order, without those that are not visible. */
export async function courseBooksOf(pool: Pool, ids: readonly string[]): Promise<readonly CourseBook[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<CourseBook>({ ...namedStatement, values: [ids] });
  return rows;
}
