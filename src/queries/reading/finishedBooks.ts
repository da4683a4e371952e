import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { rounds } from "../../projections/reading/rounds.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, object, orNull, plain, sqlOf, text } from "../json.ts";
import { coverUrl } from "../library/newestBooks.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";
import { unlessUnknownZone, zoneInPostgres } from "./zones.ts";

const finishedBook = object({
  bookId: plain("finished.book_id"),
  title: orNull(text, "book.title"),
  author: orNull(text, "book.author"),
  coverUrl: orNull(text, coverUrl),
  round: bare("finished.round"),
  beganAt: orNull(instant, "finished.began_at"),
  finishedAt: instant("finished.finished_at"),
});

export type FinishedCursor = readonly [finishedAt: string, bookId: string, round: number];

export type FinishedQuestion = {
  readonly readerId: string;
  /** A year in the time zone `tz` (IANA); null for all. */
  readonly year: number | null;
  readonly tz: string;
  readonly limit: number;
  readonly after: FinishedCursor | null;
};

const statement = {
  name: "finished-books",
  text: pageSql({
    item: finishedBook,
    rows: `FROM ${viewsOf(rounds).reading_rounds} AS finished
           LEFT JOIN ${viewsOf(library).books} AS book ON book.book_id = finished.book_id
           WHERE finished.reader_id = $1 AND finished.finished_at IS NOT NULL
             AND ($2::int4 IS NULL OR (finished.finished_at >= make_timestamptz($2, 1, 1, 0, 0, 0, $3)
                                       AND finished.finished_at < make_timestamptz($2 + 1, 1, 1, 0, 0, 0, $3)))
             AND ($5::timestamptz IS NULL OR (finished.finished_at, finished.book_id, finished.round) < ($5, $6, $7::int4))
           ORDER BY finished.finished_at DESC, finished.book_id DESC, finished.round DESC`,
    limit: "$4",
    shown: "finished.book_id",
    place: { finished_at: "finished.finished_at", book_id: "finished.book_id", round: "finished.round" },
    next: (last) =>
      `'[' || ${sqlOf(instant(last("finished_at")))} || ',"' || ${last("book_id")} || '",' || ${last("round")} || ']'`,
  }),
};

/**
 * A page of the books that a reader finished, the latest first; a book finished several times occurs several times. Undefined
 * if Postgres does not know the time zone.
 */
export async function finishedBooks(pool: Pool, question: FinishedQuestion): Promise<JsonPage | undefined> {
  const { readerId, year, tz, limit, after } = question;
  const values = [readerId, year, zoneInPostgres(tz), limit, ...(after ?? [null, null, null])];
  const found = await pool.query({ ...statement, values }).catch(unlessUnknownZone);
  return found && pageOf(found.rows[0]);
}
