import type { Pool } from "../../platform/postgres.ts";
import { history } from "../../projections/history/history.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, object, orNull, plain, text } from "../json.ts";
import { coverUrl } from "../library/newestBooks.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";
import { containing, searchable } from "../patterns.ts";

const historyViews = viewsOf(history);
const libraryViews = viewsOf(library);

/** A book in a history. The library's columns are null while the library read model has not processed the book. */
const visitedBook = object({
  bookId: plain("visited.book_id"),
  title: orNull(text, "book.title"),
  author: orNull(text, "book.author"),
  coverUrl: orNull(text, coverUrl),
  status: orNull(text, "book.status"),
  chapters: orNull(bare, "book.chapters"),
  withdrawn: bare("book.withdrawn_at IS NOT NULL"),
  openedAt: instant("visited.opened_at"),
});

export type HistoryQuestion = {
  readonly readerId: string;
  /** Must occur in the title or author; NFKC, without invisible characters, case-insensitive. */
  readonly text: string | null;
  readonly limit: number;
  /** The number of the last visit on the previous page. */
  readonly after: number | null;
};

const statement = {
  name: "books-in-history",
  text: pageSql({
    item: visitedBook,
    rows: `FROM ${historyViews.history_books} AS visited
           LEFT JOIN ${libraryViews.books} AS book ON book.book_id = visited.book_id
           WHERE visited.reader_id = $1
             AND ($2::text IS NULL OR ${searchable("book.title")} ILIKE $2 OR ${searchable("book.author")} ILIKE $2)
             AND ($3::int4 IS NULL OR visited.visit < $3)
           ORDER BY visited.visit DESC`,
    limit: "$4",
    shown: "visited.book_id",
    place: { visit: "visited.visit" },
    next: (last) => `'["opened",' || ${last("visit")} || ']'`,
  }),
};

/** A page of the books that a reader opened, the last visit first. */
export async function booksInHistory(pool: Pool, question: HistoryQuestion): Promise<JsonPage> {
  const { readerId, text, limit, after } = question;
  const { rows } = await pool.query({ ...statement, values: [readerId, containing(text), after, limit] });
  return pageOf(rows[0]);
}
