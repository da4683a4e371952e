import type { Pool } from "../../platform/postgres.ts";
import { bookmarks } from "../../projections/reading/bookmarks.ts";
import { viewsOf } from "../../projections/views.ts";
import { instant, object, text } from "../json.ts";
import { type JsonPage, pageOf, pageSql } from "../page.ts";
import { placed, whereFields } from "./placed.ts";

const bookmark = object({
  bookmarkId: text("placed.bookmark_id"),
  ...whereFields,
  note: text("placed.note"),
  setAt: instant("placed.set_at"),
  changedAt: instant("placed.changed_at"),
});

export type BookmarkCursor = readonly [no: number, offset: number, bookmarkId: string];

export type BookmarksQuestion = {
  readonly readerId: string;
  readonly bookId: string;
  readonly limit: number;
  readonly after: BookmarkCursor | null;
};

const inBook = placed(viewsOf(bookmarks).bookmarks, "place.reader_id = $1 AND place.book_id = $2", [
  "bookmark_id",
  "note",
  "set_at",
  "changed_at",
]);

const statement = {
  name: "bookmarks-in-book",
  text: pageSql({
    item: bookmark,
    rows: `FROM ${inBook} AS placed
           WHERE $4::int4 IS NULL OR (placed.no, placed.chapter_offset, placed.bookmark_id COLLATE "C") > ($4, $5::int4, $6::text)
           ORDER BY placed.no, placed.chapter_offset, placed.bookmark_id COLLATE "C"`,
    limit: "$3",
    place: { no: "placed.no", chapter_offset: "placed.chapter_offset", bookmark_id: "placed.bookmark_id" },
    next: (last) =>
      `'[' || ${last("no")} || ',' || ${last("chapter_offset")} || ',"' || ${last("bookmark_id")} || '"]'`,
  }),
};

/** A page of a reader's bookmarks in a book, in book order. */
export async function bookmarksInBook(pool: Pool, question: BookmarksQuestion): Promise<JsonPage> {
  const { readerId, bookId, limit, after } = question;
  const { rows } = await pool.query({
    ...statement,
    values: [readerId, bookId, limit, ...(after ?? [null, null, null])],
  });
  return pageOf(rows[0]);
}
