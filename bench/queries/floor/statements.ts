import { defaultPreferences, defaultSettings } from "../../../src/domain/preferences/defaults.ts";
import { collected } from "../../../src/projections/collected/collected.ts";
import { library } from "../../../src/projections/library/library.ts";
import { places } from "../../../src/projections/reading/places.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { viewsOf } from "../../../src/projections/views.ts";
import { bare, instant, type Json, object, orNull, plain, sqlOf, text } from "../../../src/queries/json.ts";
import { chapterFields } from "../../../src/queries/library/catalogue.ts";
import { neighbour } from "../../../src/queries/library/chapterOfBook.ts";
import { coverUrl, listedFields } from "../../../src/queries/library/newestBooks.ts";
import { statsFloor } from "./stats.ts";

const { books, chapters } = viewsOf(library);
const { collected_books } = viewsOf(collected);
const { shelf_books } = viewsOf(shelf);
const { book_places, device_places } = viewsOf(places);

export type FloorName =
  | "shelf"
  | "progress"
  | "last read"
  | "start"
  | "stats"
  | "book detail"
  | "chapter"
  | "category page"
  | "category page by shelves";

/**
 * The minimum that answers a page of the benchmark with the bytes of the API: one select of the same rows for just this page. No
 * filter, no search, no group, no cursor of a next page, no reason for an empty answer. `$1` and `$2` are in `values`.
 */
type Floor = { readonly sql: string; values(asked: { id: string; reader: string; no: number }): readonly unknown[] };

const pageOf = (item: Json, rows: string, next: string, ...place: readonly string[]) =>
  `SELECT '{"items":[' || array_to_string(items[:20], ',') || '],"nextCursor":' || coalesce(next, 'null') || '}' AS json
   FROM (SELECT array_agg(item) AS items,
                CASE WHEN count(*) > 20
                     THEN '"' || translate(encode(convert_to(${next}, 'UTF8'), 'base64'), E'+/=\\n', '-_') || '"' END AS next
         FROM (SELECT ${sqlOf(item)} AS item, ${place.join(", ")} ${rows} LIMIT 21) AS row) AS page`;

const shelves = "coalesce(collected.shelves, 0)";
const ofCategory = `FROM ${books} AS book
   LEFT JOIN ${collected_books} AS collected ON collected.book_id = book.book_id
   WHERE book.category_id = $1 AND book.withdrawn_at IS NULL`;
const collectedBook = object({ ...listedFields, shelves: bare(shelves) });
const byId = ({ id }: { id: string }) => [id];

/** A place in an unchanged chapter, the only one of its reader in the book. */
const place = object({
  chapterId: plain("place.chapter_id"),
  no: bare("chapter.no"),
  title: text("chapter.title"),
  offset: bare("place.chapter_offset"),
  percentage: bare(
    `(SELECT trim_scale(floor(10000::numeric
         * (coalesce(sum(part.length) FILTER (WHERE part.no < chapter.no), 0) + place.chapter_offset)
         / sum(part.length)) / 100)
      FROM ${chapters} AS part WHERE part.book_id = place.book_id)`,
  ),
  deviceId: text("place.device_id"),
  readAt: instant("place.read_at"),
});
const itsChapter = `JOIN ${chapters} AS chapter ON chapter.book_id = place.book_id AND chapter.chapter_id = place.chapter_id`;

const shelfPage = pageOf(
  object({
    bookId: plain("shelved.book_id"),
    title: orNull(text, "book.title"),
    author: orNull(text, "book.author"),
    coverUrl: orNull(text, coverUrl),
    status: orNull(text, "book.status"),
    chapters: orNull(bare, "book.chapters"),
    withdrawn: bare("book.withdrawn_at IS NOT NULL"),
    pinned: bare("shelved.pinned"),
    addedAt: instant("shelved.added_at"),
    group: [{ text: "null" }],
    lastReadAt: orNull(instant, "place.read_at"),
    unreadChapters: bare("book.chapters - chapter.no"),
    hasNewChapters: bare("book.grown_at > place.read_at"),
  }),
  `FROM ${shelf_books} AS shelved LEFT JOIN ${books} AS book ON book.book_id = shelved.book_id
       LEFT JOIN ${book_places} AS place ON place.reader_id = shelved.reader_id AND place.book_id = shelved.book_id
       LEFT JOIN ${chapters} AS chapter ON chapter.book_id = place.book_id AND chapter.chapter_id = place.chapter_id
       WHERE shelved.reader_id = $1 ORDER BY shelved.pinned DESC, shelved.added_position DESC`,
  `'["added",' || (array_agg(pinned))[20]::text || ',"' || (array_agg(added_position))[20] || '"]'`,
  ...["shelved.pinned", "shelved.added_position"],
);

const lastReadItem = `SELECT ${sqlOf(
  object({
    bookId: plain("book.book_id"),
    title: text("book.title"),
    author: text("book.author"),
    coverUrl: orNull(text, coverUrl),
    withdrawn: bare("book.withdrawn_at IS NOT NULL"),
    onShelf: [{ text: "true" }],
    place,
  }),
)} AS json
    FROM ${book_places} AS place ${itsChapter}
    JOIN ${books} AS book ON book.book_id = place.book_id
    WHERE place.reader_id = $1 ORDER BY place.read_at DESC LIMIT 1`;

/** Of a reader who has chosen no settings and preferences and sent no profile. */
const startPage = `SELECT '{"reader":' || ${sqlOf(
  object({
    id: plain("account.reader_id"),
    roles: bare("to_json(account.roles)"),
    registeredAt: instant("account.registered_at"),
    profile: [{ text: "null" }],
  }),
)} || ',"settings":${JSON.stringify({ ...defaultSettings, changedAt: null })}'
    || ',"preferences":${JSON.stringify({ ...defaultPreferences, changedAt: null })}'
    || ',"shelf":' || (${shelfPage}) || ',"lastRead":' || (${lastReadItem}) || '}' AS json
  FROM accounts AS account WHERE account.reader_id = $1::text::uuid`;

export const floors: Readonly<Record<FloorName, Floor>> = {
  shelf: {
    sql: shelfPage,
    values: ({ reader }) => [reader],
  },
  progress: {
    sql: `WITH read AS MATERIALIZED (
            SELECT ${sqlOf(place)} AS place FROM ${device_places} AS place ${itsChapter}
            WHERE place.reader_id = $1 AND place.book_id = $2)
          SELECT '{"latest":' || place || ',"furthest":' || place || ',"resume":' || place || '}' AS json FROM read`,
    values: ({ reader, id }) => [reader, id],
  },
  "last read": {
    sql: `SELECT '{"item":' || json || '}' AS json FROM (${lastReadItem}) AS item`,
    values: ({ reader }) => [reader],
  },
  start: { sql: startPage, values: ({ reader }) => [reader] },
  stats: { sql: statsFloor, values: ({ reader }) => [reader] },
  "book detail": {
    sql: `SELECT ${sqlOf(
      object({
        ...listedFields,
        intro: text("book.intro"),
        subCategoryId: orNull(plain, "book.sub_category_id"),
        publishedAt: orNull(instant, "book.published_at"),
        withdrawn: bare("book.withdrawn_at IS NOT NULL"),
        latestChapter: neighbour("latest"),
      }),
    )} AS json
    FROM ${books} AS book
    LEFT JOIN ${chapters} AS latest ON latest.book_id = book.book_id AND latest.no = book.chapters
    WHERE book.book_id = $1`,
    values: byId,
  },
  chapter: {
    sql: `SELECT ${sqlOf(
      object({
        bookId: plain("book.book_id"),
        ...chapterFields,
        length: bare("chapter.length"),
        text: text("content.text"),
        textUrl: text("'/v1/books/' || book.book_id || '/texts/' || chapter.sha256"),
        previous: neighbour("previous"),
        next: neighbour("next"),
      }),
    )} AS json
    FROM ${books} AS book
    JOIN ${chapters} AS chapter ON chapter.book_id = book.book_id AND chapter.no = $2
    JOIN content ON content.sha256 = chapter.sha256
    LEFT JOIN ${chapters} AS previous ON previous.book_id = book.book_id AND previous.no = chapter.no - 1
    LEFT JOIN ${chapters} AS next ON next.book_id = book.book_id AND next.no = chapter.no + 1
    WHERE book.book_id = $1 AND book.withdrawn_at IS NULL AND chapter.no <= book.chapters`,
    values: ({ id, no }) => [id, no],
  },
  "category page": {
    sql: pageOf(
      collectedBook,
      `${ofCategory} ORDER BY book.updated_position DESC`,
      `'["updated","' || (array_agg(updated_position))[20] || '"]'`,
      "book.updated_position",
    ),
    values: byId,
  },
  "category page by shelves": {
    sql: pageOf(
      collectedBook,
      `${ofCategory} ORDER BY ${shelves} DESC, book.updated_position DESC`,
      `'["collected",' || (array_agg(shelves))[20] || ',"' || (array_agg(updated_position))[20] || '"]'`,
      ...[`${shelves} AS shelves`, "book.updated_position"],
    ),
    values: byId,
  },
};
