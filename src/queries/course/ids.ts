import { bookId, chapterId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";

/** The course's integer ids: MySQL's INT, and BIGINT up to 11 digits; our own ids have 12 characters. */
const integer = /^\d{1,11}$/;

const bookStatement = { name: "course-book", text: "SELECT book_id FROM course_books WHERE course_id = $1" };

/**
 * The id of a book that a front end names: one of our ids unchanged, or the book's integer id in the course. Undefined if no
 * imported book has this integer. One of our ids may belong to no book.
 */
export async function bookIdOf(pool: Pool, named: string): Promise<string | undefined> {
  if (!integer.test(named)) return bookId.safeParse(named).data;
  const { rows } = await pool.query<{ book_id: string }>({ ...bookStatement, values: [named] });
  return rows[0]?.book_id;
}

const chapterStatement = {
  name: "course-chapter",
  text: "SELECT chapter_id FROM course_chapters WHERE book_id = $1 AND course_id = $2",
};

/** The same for a chapter of the book. */
export async function chapterIdOf(pool: Pool, book: string, named: string): Promise<string | undefined> {
  if (!integer.test(named)) return chapterId.safeParse(named).data;
  const { rows } = await pool.query<{ chapter_id: string }>({ ...chapterStatement, values: [book, named] });
  return rows[0]?.chapter_id;
}
