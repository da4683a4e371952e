import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, type Json, nullUnless, object, plain, sqlOf, text } from "../json.ts";
import { chapterFields } from "./catalogue.ts";

const views = viewsOf(library);

/** Why a chapter cannot be read. */
export type NoChapter = "no such book" | "no such chapter" | "withdrawn";

/** The previous or next chapter, from a joined table; null if there is none. */
export const neighbour = (table: string): Json =>
  nullUnless(
    `${table}.chapter_id IS NOT NULL`,
    object({ chapterId: plain(`${table}.chapter_id`), no: bare(`${table}.no`), title: text(`${table}.title`) }),
  );

/** A chapter with its text; `length` in UTF-16 units. */
const chapterWithText = object({
  bookId: plain("book.book_id"),
  ...chapterFields,
  length: bare("chapter.length"),
  text: text("content.text"),
  textUrl: [
    { text: '"/v1/books/' },
    { sql: "book.book_id" },
    { text: "/texts/" },
    { sql: "chapter.sha256" },
    { text: '"' },
  ],
  previous: neighbour("previous"),
  next: neighbour("next"),
});

type Found = { readonly withdrawn: boolean; readonly sha256: string | null; readonly json: string | null };

const statementBy = (column: "chapter_id" | "no") => ({
  name: `chapter by ${column}`,
  text: `SELECT book.withdrawn_at IS NOT NULL AS withdrawn, chapter.sha256,
                CASE WHEN book.withdrawn_at IS NULL THEN ${sqlOf(chapterWithText)} END AS json
         FROM ${views.books} AS book
         LEFT JOIN ${views.chapters} AS chapter
           ON chapter.book_id = book.book_id AND chapter.${column} = $2 AND chapter.no <= book.chapters
         LEFT JOIN content ON content.sha256 = chapter.sha256
         LEFT JOIN ${views.chapters} AS previous ON previous.book_id = book.book_id AND previous.no = chapter.no - 1
         LEFT JOIN ${views.chapters} AS next
           ON next.book_id = book.book_id AND next.no = chapter.no + 1 AND next.no <= book.chapters
         WHERE book.book_id = $1`,
});
const statements = { chapter_id: statementBy("chapter_id"), no: statementBy("no") };

/** A chapter of the published edition as JSON, by id or number, with its neighbours. */
export async function chapterOfBook(
  pool: Pool,
  bookId: string,
  which: { readonly id: string } | { readonly no: number },
): Promise<{ readonly json: string } | NoChapter> {
  const [statement, value] = "id" in which ? [statements.chapter_id, which.id] : [statements.no, which.no];
  const { rows } = await pool.query<Found>({ ...statement, values: [bookId, value] });
  const row = rows[0];
  if (row === undefined) return "no such book";
  if (row.withdrawn) return "withdrawn";
  if (row.sha256 === null) return "no such chapter";
  return { json: stored(row.json, row.sha256) };
}

const textStatement = {
  name: "text of book",
  text: `SELECT book.withdrawn_at IS NOT NULL AS withdrawn, used.found, content.text
         FROM ${views.books} AS book
         CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM ${views.chapters} AS chapter
                                            WHERE chapter.book_id = book.book_id AND chapter.sha256 = $2
                                              AND chapter.no <= book.chapters) AS found) AS used
         LEFT JOIN content ON used.found AND content.sha256 = $2
         WHERE book.book_id = $1`,
};

/** The text with this hash, if a chapter of the book has it; otherwise why it cannot be read. */
export async function textOfBook(
  pool: Pool,
  bookId: string,
  sha256: string,
): Promise<{ readonly text: string } | NoChapter> {
  const { rows } = await pool.query<{ withdrawn: boolean; found: boolean; text: string | null }>({
    ...textStatement,
    values: [bookId, sha256],
  });
  const row = rows[0];
  if (row === undefined) return "no such book";
  if (row.withdrawn) return "withdrawn";
  if (!row.found) return "no such chapter";
  return { text: stored(row.text, sha256) };
}

/** A text is always stored before an event refers to it. */
function stored(made: string | null, sha256: string): string {
  if (made === null) throw new Error(`the text ${sha256} is not in content`);
  return made;
}
