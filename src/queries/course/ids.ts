import { bookId, chapterId, maxCourseIdDigits } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";

const integer = new RegExp(`^\\d{1,${maxCourseIdDigits}}$`);

const bookStatement = { name: "course-book", text: "SELECT book_id FROM course_books WHERE course_id = $1" };

/**
 * The id of a book that a front end names: the book's integer id in the course, or one of our ids unchanged. Undefined if it is
 * neither. One of our ids may belong to no book; twelve digits are the course's if it has such a book.
 */
export async function bookIdOf(pool: Pool, named: string): Promise<string | undefined> {
  const ours = bookId.safeParse(named).data;
  if (!integer.test(named)) return ours;
  const { rows } = await pool.query<{ book_id: string }>({ ...bookStatement, values: [named] });
  return rows[0]?.book_id ?? ours;
}

const chapterStatement = {
  name: "course-chapter",
  text: "SELECT chapter_id FROM course_chapters WHERE book_id = $1 AND course_id = $2",
};

/** The same for a chapter of the book. */
export async function chapterIdOf(pool: Pool, book: string, named: string): Promise<string | undefined> {
  const ours = chapterId.safeParse(named).data;
  if (!integer.test(named)) return ours;
  const { rows } = await pool.query<{ chapter_id: string }>({ ...chapterStatement, values: [book, named] });
  return rows[0]?.chapter_id ?? ours;
}
