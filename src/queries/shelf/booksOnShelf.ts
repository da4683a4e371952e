import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { places } from "../../projections/reading/places.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, nullUnless, object, orNull, plain, sqlOf, text } from "../json.ts";
import { coverUrl } from "../library/newestBooks.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";
import { containing, searchable } from "../patterns.ts";
import { devicePlaces, furthestFirst } from "../reading/devicePlaces.ts";
import { currentNo, shownNo } from "../reading/placed.ts";

const libraryViews = viewsOf(library);
const shelfViews = viewsOf(shelf);
const placesViews = viewsOf(places);

/** The number of chapters after the furthest place, as GET /v1/reading/{bookId}/progress has it; all chapters if the book was not read. */
const unreadChapters = `book.chapters - coalesce(
  (SELECT placed.no
   FROM (SELECT place.read_at, ${shownNo(currentNo)} AS no
         FROM ${devicePlaces("reading")} AS place) AS placed
   ORDER BY ${furthestFirst("placed", "shelved.reader_id", "shelved.book_id")} LIMIT 1), 0)`;

/** A book on a shelf. The library's columns are null while the library read model has not processed the book. */
const shelvedBook = object({
  bookId: plain("shelved.book_id"),
  title: orNull(text, "book.title"),
  author: orNull(text, "book.author"),
  coverUrl: orNull(text, coverUrl),
  status: orNull(text, "book.status"),
  chapters: orNull(bare, "book.chapters"),
  withdrawn: bare("book.withdrawn_at IS NOT NULL"),
  pinned: bare("shelved.pinned"),
  addedAt: instant("shelved.added_at"),
  group: nullUnless(
    "shelf_group.name IS NOT NULL",
    object({ id: text("shelved.group_id"), name: text("shelf_group.name") }),
  ),
  lastReadAt: orNull(instant, "reading.read_at"),
  unreadChapters: orNull(bare, unreadChapters),
  hasNewChapters: bare("coalesce(book.grown_at > coalesce(reading.read_at, shelved.added_at), false)"),
});

export type ShelfSort = "added" | "recent" | "title" | "manual";

/** A book's place in its sort: the values of the sort's columns. Positions are text, since JSON has no bigint. */
export type ShelfCursor =
  | readonly ["added", pinned: boolean, position: string]
  | readonly ["recent", pinned: boolean, readAt: string | null, position: string]
  | readonly ["manual", pinned: boolean, position: string, rank: string]
  | readonly ["title", pinned: boolean, titleKey: string | null, bookId: string];

export type ShelfQuestion = {
  readonly readerId: string;
  readonly sort: ShelfSort;
  /** A group id, `none` for books without a group, null for all. */
  readonly group: string | null;
  /** Must occur in the title or author; NFKC, without invisible characters, case-insensitive. */
  readonly text: string | null;
  readonly limit: number;
  /** The last book of the previous page, in the same sort. */
  readonly after: ShelfCursor | null;
};

/** A place before every book, so that the first page uses the same statement. */
const beforeAll: Record<ShelfSort, ShelfCursor> = {
  added: ["added", true, String(2n ** 63n - 1n)],
  recent: ["recent", true, "infinity", String(2n ** 63n - 1n)],
  manual: ["manual", true, String(2n ** 63n - 1n), ""],
  title: ["title", true, "", ""],
};

type Sort = {
  readonly from: string;
  readonly order: string;
  /** The columns of a ShelfCursor after the sort's name, each with its conversion to JSON. */
  readonly place: Readonly<Record<string, readonly [column: string, json: (value: string) => string]>>;
};

const bareJson = (value: string) => `${value}::text`;
const positionJson = (value: string) => `'"' || ${value} || '"'`;
const instantJson = (value: string) => sqlOf(orNull(instant, value));
const textJson = (value: string) => `coalesce(to_json(${value})::text, 'null')`;

/** In every sort pinned books come first, sorted among themselves in the same way. */
const sorts: Record<ShelfSort, Sort> = {
  added: {
    from: "(shelved.pinned, shelved.added_position) < ($5, $6::int8)",
    order: "shelved.pinned DESC, shelved.added_position DESC",
    place: { pinned: ["shelved.pinned", bareJson], position: ["shelved.added_position", positionJson] },
  },
  // Unread books come after the others, by the time they were added.
  recent: {
    from: `(shelved.pinned, coalesce(reading.read_at, '-infinity'), shelved.added_position)
             < ($5, coalesce($6::timestamptz, '-infinity'), $7::int8)`,
    order: "shelved.pinned DESC, coalesce(reading.read_at, '-infinity') DESC, shelved.added_position DESC",
    place: {
      pinned: ["shelved.pinned", bareJson],
      read_at: ["reading.read_at", instantJson],
      position: ["shelved.added_position", positionJson],
    },
  },
  manual: {
    from: '(shelved.pinned, shelved.order_position, shelved.order_rank COLLATE "C") < ($5, $6::int8, $7::text)',
    order: 'shelved.pinned DESC, shelved.order_position DESC, shelved.order_rank COLLATE "C" DESC',
    place: {
      pinned: ["shelved.pinned", bareJson],
      position: ["shelved.order_position", positionJson],
      rank: ["shelved.order_rank", textJson],
    },
  },
  // Books without a title (not yet known to the library) come last.
  title: {
    from: `(NOT shelved.pinned, book.title_key IS NULL, coalesce(book.title_key, '') COLLATE "C", shelved.book_id)
             > (NOT $5, $6::text IS NULL, coalesce($6, ''), $7::text)`,
    order: `NOT shelved.pinned, book.title_key IS NULL, coalesce(book.title_key, '') COLLATE "C", shelved.book_id`,
    place: {
      pinned: ["shelved.pinned", bareJson],
      title_key: ["book.title_key", textJson],
      book_id: ["shelved.book_id", textJson],
    },
  },
};

const statementOf = (sort: ShelfSort) => {
  const { from, order, place } = sorts[sort];
  const columns = Object.entries(place);
  return {
    name: `books-on-shelf by ${sort}`,
    text: pageSql({
      item: shelvedBook,
      rows: `FROM ${shelfViews.shelf_books} AS shelved
             LEFT JOIN ${libraryViews.books} AS book ON book.book_id = shelved.book_id
             LEFT JOIN ${shelfViews.shelf_groups} AS shelf_group
               ON shelf_group.reader_id = shelved.reader_id AND shelf_group.group_id = shelved.group_id
             LEFT JOIN ${placesViews.book_places} AS reading
               ON reading.reader_id = shelved.reader_id AND reading.book_id = shelved.book_id
             WHERE shelved.reader_id = $1
               AND ($2::text IS NULL OR coalesce(shelved.group_id, 'none') = $2)
               AND ($3::text IS NULL OR ${searchable("book.title")} ILIKE $3 OR ${searchable("book.author")} ILIKE $3)
               AND ${from}
             ORDER BY ${order}`,
      limit: "$4",
      shown: "shelved.book_id",
      place: Object.fromEntries(columns.map(([name, [column]]) => [name, column])),
      next: (last) =>
        `'["${sort}",' || ${columns.map(([name, [, json]]) => json(last(name))).join(" || ',' || ")} || ']'`,
    }),
  };
};
const statements = {
  added: statementOf("added"),
  recent: statementOf("recent"),
  title: statementOf("title"),
  manual: statementOf("manual"),
};

/** A page of a reader's shelf. An unknown group has no books. */
export async function booksOnShelf(pool: Pool, question: ShelfQuestion): Promise<JsonPage> {
  const { readerId, sort, group, text, limit, after } = question;
  const [, ...place] = after ?? beforeAll[sort];
  const { rows } = await pool.query({
    ...statements[sort],
    values: [readerId, group, containing(text), limit, ...place],
  });
  return pageOf(rows[0]);
}
