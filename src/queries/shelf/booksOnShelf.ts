import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { viewsOf } from "../../projections/views.ts";
import { type Page, pageOf } from "../page.ts";

const libraryViews = viewsOf(library);
const shelfViews = viewsOf(shelf);

/** A book on a shelf. The library's part is null while its read model has not seen the book yet. */
export type ShelvedBook = {
  readonly bookId: string;
  readonly title: string | null;
  readonly author: string | null;
  readonly coverUrl: string | null;
  readonly status: string | null;
  readonly chapters: number | null;
  readonly withdrawn: boolean;
  readonly addedAt: Date;
  readonly pinned: boolean;
  readonly groupId: string | null;
  readonly groupName: string | null;
};

export type ShelfSort = "added" | "title" | "manual";

/** The place of a book in its sort: the values of that sort's columns. Positions are text, as JSON holds no bigint. */
export type ShelfCursor =
  | readonly ["added", pinned: boolean, position: string]
  | readonly ["manual", pinned: boolean, position: string, rank: string]
  | readonly ["title", pinned: boolean, titleKey: string | null, bookId: string];

export type ShelfQuestion = {
  readonly readerId: string;
  readonly sort: ShelfSort;
  /** A group's id, `none` for the books without a group, null for all. */
  readonly group: string | null;
  /** Must stand in the title or the author; NFKC, in any case of letters. */
  readonly text: string | null;
  readonly limit: number;
  /** The last book of the page before, in the same sort. */
  readonly after: ShelfCursor | null;
};

/** Before every book, so that a first page is one query with the others. */
const beforeAll: Record<ShelfSort, ShelfCursor> = {
  added: ["added", true, String(2n ** 63n - 1n)],
  manual: ["manual", true, String(2n ** 63n - 1n), ""],
  title: ["title", true, "", ""],
};

/** Pinned books come first in every sort, and are sorted among themselves like the others. */
const sorts: Record<ShelfSort, { readonly from: string; readonly order: string }> = {
  added: {
    from: "(shelved.pinned, shelved.added_position) < ($5, $6::int8)",
    order: "shelved.pinned DESC, shelved.added_position DESC",
  },
  manual: {
    from: '(shelved.pinned, shelved.order_position, shelved.order_rank COLLATE "C") < ($5, $6::int8, $7::text)',
    order: 'shelved.pinned DESC, shelved.order_position DESC, shelved.order_rank COLLATE "C" DESC',
  },
  // What has no title yet comes last.
  title: {
    from: `(NOT shelved.pinned, book.title_key IS NULL, coalesce(book.title_key, '') COLLATE "C", shelved.book_id)
             > (NOT $5, $6::text IS NULL, coalesce($6, ''), $7::text)`,
    order: `NOT shelved.pinned, book.title_key IS NULL, coalesce(book.title_key, '') COLLATE "C", shelved.book_id`,
  },
};

const statementOf = (sort: ShelfSort) => ({
  name: `books-on-shelf by ${sort}`,
  text: `SELECT shelved.book_id AS "bookId", book.title, book.author,
                coalesce(book.cover_url, '/v1/covers/' || book.cover_sha256) AS "coverUrl", book.status, book.chapters,
                book.withdrawn_at IS NOT NULL AS withdrawn, shelved.added_at AS "addedAt", shelved.pinned,
                shelved.group_id AS "groupId", shelf_group.name AS "groupName", book.title_key AS "titleKey",
                shelved.added_position AS "addedPosition", shelved.order_position AS "orderPosition",
                shelved.order_rank AS "orderRank"
         FROM ${shelfViews.shelf_books} AS shelved
         LEFT JOIN ${libraryViews.books} AS book ON book.book_id = shelved.book_id
         LEFT JOIN ${shelfViews.shelf_groups} AS shelf_group
           ON shelf_group.reader_id = shelved.reader_id AND shelf_group.group_id = shelved.group_id
         WHERE shelved.reader_id = $1
           AND ($2::text IS NULL OR coalesce(shelved.group_id, 'none') = $2)
           AND ($3::text IS NULL OR normalize(book.title, NFKC) ILIKE $3 OR normalize(book.author, NFKC) ILIKE $3)
           AND ${sorts[sort].from}
         ORDER BY ${sorts[sort].order}
         LIMIT $4`,
});
const statements = { added: statementOf("added"), title: statementOf("title"), manual: statementOf("manual") };

type Found = ShelvedBook & {
  readonly titleKey: string | null;
  readonly addedPosition: bigint;
  readonly orderPosition: bigint;
  readonly orderRank: string;
};

/** A page of a reader's shelf. A group that the shelf does not have has no books. */
export async function booksOnShelf(pool: Pool, question: ShelfQuestion): Promise<Page<ShelvedBook, ShelfCursor>> {
  const { readerId, sort, group, text, limit, after } = question;
  const pattern = text === null ? null : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const [, ...place] = after ?? beforeAll[sort];
  const values = [readerId, group, pattern, limit + 1, ...place];
  const { rows } = await pool.query<Found>({ ...statements[sort], values });
  const page = pageOf(rows, limit, (book) => cursorOf(sort, book));
  return {
    rows: page.rows.map(({ titleKey, addedPosition, orderPosition, orderRank, ...book }) => book),
    next: page.next,
  };
}

function cursorOf(sort: ShelfSort, book: Found): ShelfCursor {
  switch (sort) {
    case "added":
      return [sort, book.pinned, String(book.addedPosition)];
    case "manual":
      return [sort, book.pinned, String(book.orderPosition), book.orderRank];
    case "title":
      return [sort, book.pinned, book.titleKey, book.bookId];
  }
}
