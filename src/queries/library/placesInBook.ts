import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { placesIn, type TextPlace } from "./placesInText.ts";

const views = viewsOf(library);

/** Characters of a chapter that are searched, from its beginning: more than any real chapter has. */
const searchedOfChapter = 500_000;
/** Characters that one request searches: a long novel takes several pages. Postgres searches 10 to 30 million a second. */
const searchedAtOnce = 2_000_000;
/** Characters of the first statement, and of any: a frequent word fills a page with the first statement. */
const firstStep = 32_000;
const longestStep = 512_000;
/** Chapters listed at a time. */
const listedAtOnce = 500;

/** Where a page starts: a chapter number, and the UTF-16 offset in its text. */
export type PlaceCursor = readonly [no: number, offset: number];

/** A place in a chapter's text. */
export type PlaceInBook = TextPlace & { readonly chapterId: string; readonly no: number; readonly title: string };

/**
 * `next`: where to continue; null at the end of the book. A page may have fewer places than requested, even none, and still
 * have a `next`.
 */
export type PlacesPage = { readonly items: readonly PlaceInBook[]; readonly next: PlaceCursor | null };

export type PlacesQuestion = {
  readonly bookId: string;
  /** A regular expression from `textPattern`. */
  readonly pattern: string;
  readonly limit: number;
  readonly after: PlaceCursor | null;
};

type Chapter = {
  readonly chapterId: string;
  readonly no: number;
  readonly title: string;
  readonly sha256: string;
  readonly length: number;
};

const bookStatement = {
  name: "book to search",
  text: `SELECT chapters, withdrawn_at IS NOT NULL AS withdrawn FROM ${views.books} WHERE book_id = $1`,
};

const chaptersStatement = {
  name: "chapters to search",
  text: `SELECT chapter_id AS "chapterId", no, title, sha256, least(length, ${searchedOfChapter}) AS length
         FROM ${views.chapters} WHERE book_id = $1 AND no >= $2 AND no <= $3 ORDER BY no LIMIT ${listedAtOnce}`,
};

const textsStatement = {
  name: "texts with a pattern",
  text: `SELECT sha256, part AS text
         FROM content CROSS JOIN LATERAL substr(text, 1, ${searchedOfChapter}) AS part
         WHERE sha256 = ANY ($1) AND part ~ $2`,
};

/**
 * A page of the matches in a book's chapters, in order. Each statement searches at most half a million characters, so that none
 * occupies a connection for long. Rejects as Postgres does.
 */
export async function placesInBook(
  pool: Pool,
  { bookId, pattern, limit, after }: PlacesQuestion,
): Promise<PlacesPage | "no such book" | "withdrawn"> {
  const books = await pool.query<{ chapters: number; withdrawn: boolean }>({ ...bookStatement, values: [bookId] });
  const [book] = books.rows;
  if (book === undefined) return "no such book";
  if (book.withdrawn) return "withdrawn";

  const items: PlaceInBook[] = [];
  const [firstNo, firstOffset] = after ?? [1, 0];
  const expression = new RegExp(pattern, "gu");
  let searched = 0;
  let step = firstStep;
  let no = firstNo;
  let listed: Chapter[] = [];
  while (searched < searchedAtOnce) {
    if (listed.length === 0) {
      listed = (await pool.query<Chapter>({ ...chaptersStatement, values: [bookId, no, book.chapters] })).rows;
      if (listed.length === 0) return { items, next: null };
    }
    const chapters = takeUpTo(listed, step);
    const values = [chapters.map(({ sha256 }) => sha256), pattern];
    const { rows } = await pool.query<{ sha256: string; text: string }>({ ...textsStatement, values });
    const texts = new Map(rows.map(({ sha256, text }) => [sha256, text]));
    for (const chapter of chapters) {
      const text = texts.get(chapter.sha256);
      const from = chapter.no === firstNo ? firstOffset : 0;
      for (const place of text === undefined ? [] : placesIn(text, expression, from)) {
        if (items.length === limit) return { items, next: [chapter.no, place.offset] };
        const { chapterId, no, title } = chapter;
        items.push({ chapterId, no, title, ...place });
      }
      no = chapter.no + 1;
      searched += chapter.length;
    }
    step = Math.min(2 * step, longestStep);
  }
  return { items, next: no > book.chapters ? null : [no, 0] };
}

/** Removes the first chapters from the list, with a total of at most `characters`, but at least one. */
function takeUpTo(listed: Chapter[], characters: number): readonly Chapter[] {
  let sum = 0;
  const end = listed.findIndex(({ length }, index) => {
    sum += length;
    return index > 0 && sum > characters;
  });
  return listed.splice(0, end === -1 ? listed.length : end);
}
