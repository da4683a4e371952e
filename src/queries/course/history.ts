import type { Pool } from "../../platform/postgres.ts";
import { history } from "../../projections/history/history.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { type CourseBook, courseBookColumns } from "./books.ts";

const views = viewsOf(history);

/** An opened book, with the time of its last visit in the course's format: 2026-01-31 18:05:09, in China's time zone. */
export type CourseVisit = CourseBook & { readonly lastTime: string };

const pageStatement = {
  name: "course-history",
  text: `SELECT ${courseBookColumns},
                to_char(visited.opened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') AS "lastTime"
         FROM ${views.history_books} AS visited
         JOIN ${viewsOf(library).books} AS book ON book.book_id = visited.book_id
         WHERE visited.reader_id = $1 ORDER BY visited.visit DESC LIMIT $2 OFFSET $3`,
};

const countStatement = {
  name: "course-history-counted",
  text: `SELECT count(*)::int4 AS total FROM ${views.history_books} AS visited
         JOIN ${viewsOf(library).books} AS book ON book.book_id = visited.book_id WHERE visited.reader_id = $1`,
};

/** A page of a reader's history by page number, the last visit first, and the total number of books. */
export async function courseHistory(
  pool: Pool,
  { readerId, limit, offset }: { readonly readerId: string; readonly limit: number; readonly offset: number },
): Promise<{ readonly total: number; readonly visits: readonly CourseVisit[] }> {
  const [counted, page] = await Promise.all([
    pool.query<{ total: number }>({ ...countStatement, values: [readerId] }),
    pool.query<CourseVisit>({ ...pageStatement, values: [readerId, limit, offset] }),
  ]);
  return { total: counted.rows[0]?.total ?? 0, visits: page.rows };
}
