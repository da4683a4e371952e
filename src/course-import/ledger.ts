import { inTransaction, type Pool } from "../platform/postgres.ts";
import type { TableName } from "./tables.ts";

/** A chapter of the course, and our chapter that it became; `length` in UTF-16 units. */
export type ImportedChapter = { readonly courseId: number; readonly chapterId: string; readonly length: number };

/** A user who was imported: the reader, null once the account was erased, and the openid of the account, null without one. */
export type ImportedUser = { readonly readerId: string | null; readonly openid: string | null };

/** What is imported once: a row of a table, or the last place in a row of `user`. */
export type Entry = TableName | "user.last_read";

/** The results of earlier imports; `migrations/014_course_ids.sql` describes the tables. */
export type Ledger = {
  /** Returns the rows that were imported before. */
  knownRows(entry: Entry, ids: readonly number[]): Promise<ReadonlySet<number>>;
  addRow(entry: Entry, id: number): Promise<void>;
  saveBook(courseId: number, bookId: string, chapters: readonly ImportedChapter[]): Promise<void>;
  /** Our chapter ids by the course's, also of chapters that are in the book no longer. */
  chapterIds(bookId: string): Promise<ReadonlyMap<number, string>>;
  bookIds(): Promise<Map<number, string>>;
  chapter(bookId: string, courseId: number): Promise<ImportedChapter | undefined>;
  users(): Promise<ReadonlyMap<number, ImportedUser>>;
  addUser(courseId: number, readerId: string): Promise<void>;
};

export function createLedger(pool: Pool): Ledger {
  return {
    async knownRows(entry, ids) {
      const text = "SELECT course_id FROM course_rows WHERE table_name = $1 AND course_id = ANY ($2::int8[])";
      const { rows } = await pool.query<{ course_id: bigint }>(text, [entry, ids]);
      return new Set(rows.map(({ course_id }) => Number(course_id)));
    },
    async addRow(entry, id) {
      await pool.query("INSERT INTO course_rows VALUES ($1, $2) ON CONFLICT DO NOTHING", [entry, id]);
    },
    async saveBook(courseId, bookId, chapters) {
      await inTransaction(pool, async (client) => {
        const of = (field: keyof ImportedChapter) => chapters.map((chapter) => chapter[field]);
        await client.query(
          `INSERT INTO course_chapters (book_id, course_id, chapter_id, length)
           SELECT $1, * FROM unnest($2::int8[], $3::text[], $4::int4[])
           ON CONFLICT (book_id, course_id) DO UPDATE SET chapter_id = EXCLUDED.chapter_id, length = EXCLUDED.length`,
          [bookId, of("courseId"), of("chapterId"), of("length")],
        );
        await client.query("INSERT INTO course_books VALUES ($1, $2) ON CONFLICT DO NOTHING", [courseId, bookId]);
      });
    },
    async chapterIds(bookId) {
      const text = "SELECT course_id, chapter_id FROM course_chapters WHERE book_id = $1";
      const { rows } = await pool.query<{ course_id: bigint; chapter_id: string }>(text, [bookId]);
      return new Map(rows.map(({ course_id, chapter_id }) => [Number(course_id), chapter_id]));
    },
    async bookIds() {
      const { rows } = await pool.query<{ course_id: bigint; book_id: string }>("SELECT * FROM course_books");
      return new Map(rows.map(({ course_id, book_id }) => [Number(course_id), book_id]));
    },
    async chapter(bookId, courseId) {
      const text = `SELECT chapter_id AS "chapterId", length FROM course_chapters WHERE book_id = $1 AND course_id = $2`;
      const { rows } = await pool.query<Omit<ImportedChapter, "courseId">>(text, [bookId, courseId]);
      return rows[0] && { courseId, ...rows[0] };
    },
    async users() {
      const { rows } = await pool.query<ImportedUser & { course_id: bigint }>(
        `SELECT course_id, CASE WHEN erased_at IS NULL THEN reader_id END AS "readerId", openid
         FROM course_users LEFT JOIN accounts USING (reader_id)`,
      );
      return new Map(rows.map(({ course_id, ...user }) => [Number(course_id), user]));
    },
    async addUser(courseId, readerId) {
      await pool.query("INSERT INTO course_users VALUES ($1, $2) ON CONFLICT DO NOTHING", [courseId, readerId]);
    },
  };
}
