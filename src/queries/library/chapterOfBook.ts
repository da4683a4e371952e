import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import type { CatalogueChapter } from "./catalogue.ts";

const views = viewsOf(library);

type Neighbour = Pick<CatalogueChapter, "chapterId" | "no" | "title">;

/** A chapter without its text, which lies in content/ under `sha256`; `length` in UTF-16 units. */
export type ChapterOfBook = CatalogueChapter & {
  readonly sha256: string;
  readonly length: number;
  readonly previous: Neighbour | null;
  readonly next: Neighbour | null;
};

/** Why there is no chapter to read. */
export type NoChapter = "no such book" | "no such chapter" | "withdrawn";

type Found = { [Key in keyof CatalogueChapter]: CatalogueChapter[Key] | null } & {
  sha256: string;
  length: number;
  withdrawn: boolean;
  previousId: string | null;
  previousTitle: string | null;
  nextId: string | null;
  nextTitle: string | null;
};

const statementBy = (column: "chapter_id" | "no") => ({
  name: `chapter by ${column}`,
  text: `SELECT book.withdrawn_at IS NOT NULL AS withdrawn, chapter.chapter_id AS "chapterId", chapter.no, chapter.title,
                chapter.volume, chapter.kind, chapter.words, chapter.sha256, chapter.length,
                previous.chapter_id AS "previousId", previous.title AS "previousTitle",
                next.chapter_id AS "nextId", next.title AS "nextTitle"
         FROM ${views.books} AS book
         LEFT JOIN ${views.chapters} AS chapter
           ON chapter.book_id = book.book_id AND chapter.${column} = $2 AND chapter.no <= book.chapters
         LEFT JOIN ${views.chapters} AS previous ON previous.book_id = book.book_id AND previous.no = chapter.no - 1
         LEFT JOIN ${views.chapters} AS next
           ON next.book_id = book.book_id AND next.no = chapter.no + 1 AND next.no <= book.chapters
         WHERE book.book_id = $1`,
});
const statements = { chapter_id: statementBy("chapter_id"), no: statementBy("no") };

/** A chapter of the edition that readers see, by its id or its number, with the ones before and after it. */
export async function chapterOfBook(
  pool: Pool,
  bookId: string,
  which: { readonly id: string } | { readonly no: number },
): Promise<ChapterOfBook | NoChapter> {
  const [statement, value] = "id" in which ? [statements.chapter_id, which.id] : [statements.no, which.no];
  const { rows } = await pool.query<Found>({ ...statement, values: [bookId, value] });
  const row = rows[0];
  if (row === undefined) return "no such book";
  if (row.withdrawn) return "withdrawn";
  if (row.chapterId === null || row.no === null) return "no such chapter";
  const { withdrawn: _, previousId, previousTitle, nextId, nextTitle, ...chapter } = row;
  return {
    ...(chapter as Omit<ChapterOfBook, "previous" | "next">),
    previous: neighbour(previousId, row.no - 1, previousTitle),
    next: neighbour(nextId, row.no + 1, nextTitle),
  };
}

function neighbour(chapterId: string | null, no: number, title: string | null): Neighbour | null {
  return chapterId === null || title === null ? null : { chapterId, no, title };
}

const textStatement = {
  name: "text of book",
  text: `SELECT book.withdrawn_at IS NOT NULL AS withdrawn,
                EXISTS (SELECT FROM ${views.chapters} AS chapter
                        WHERE chapter.book_id = book.book_id AND chapter.sha256 = $2 AND chapter.no <= book.chapters) AS used
         FROM ${views.books} AS book
         WHERE book.book_id = $1`,
};

/** Whether a chapter of the book has the text of this hash; else why it cannot be read. */
export async function textOfBook(pool: Pool, bookId: string, sha256: string): Promise<"readable" | NoChapter> {
  const { rows } = await pool.query<{ withdrawn: boolean; used: boolean }>({
    ...textStatement,
    values: [bookId, sha256],
  });
  const row = rows[0];
  if (row === undefined) return "no such book";
  if (row.withdrawn) return "withdrawn";
  return row.used ? "readable" : "no such chapter";
}
