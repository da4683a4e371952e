import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { places } from "../../projections/reading/places.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, object, orNull, plain, sqlOf, text } from "../json.ts";
import { coverUrl } from "../library/newestBooks.ts";
import { latestFirst } from "./devicePlaces.ts";
import { counted, placed, reportedPlace } from "./placed.ts";

const libraryViews = viewsOf(library);

/** The library's columns are null while the library read model has not processed the book. */
const lastReadBook = object({
  bookId: plain("placed.book_id"),
  title: orNull(text, "book.title"),
  author: orNull(text, "book.author"),
  coverUrl: orNull(text, coverUrl),
  withdrawn: bare("book.withdrawn_at IS NOT NULL"),
  onShelf: bare("shelved.book_id IS NOT NULL"),
  place: reportedPlace,
});

const latest = `(SELECT * FROM ${viewsOf(places).book_places} AS place
                 WHERE reader_id = $1 ORDER BY ${latestFirst("place")} LIMIT 1)`;

const statement = {
  name: "last-read",
  text: `SELECT placed.book_id, ${sqlOf(lastReadBook)} AS json
         FROM ${placed(latest, "true", ["device_id", "read_at"])} AS placed ${counted}
         LEFT JOIN ${libraryViews.books} AS book ON book.book_id = placed.book_id
         LEFT JOIN ${viewsOf(shelf).shelf_books} AS shelved
           ON shelved.reader_id = placed.reader_id AND shelved.book_id = placed.book_id`,
};

/** The last read book with the place, as JSON, whether or not it is on the shelf; undefined if the reader has read nothing. */
export async function lastRead(
  pool: Pool,
  readerId: string,
): Promise<{ readonly bookId: string; readonly json: string } | undefined> {
  const { rows } = await pool.query<{ book_id: string; json: string }>({ ...statement, values: [readerId] });
  const row = rows[0];
  return row && { bookId: row.book_id, json: row.json };
}
