import type { Pool } from "../../src/platform/postgres.ts";

/** What queries read, as tables: the columns that the read models' views show. */
const tables = `
  CREATE SCHEMA shelf_v2;
  CREATE TABLE shelf_v2.shelf_books (
    reader_id text, book_id text, added_at timestamptz NOT NULL, added_position int8 NOT NULL, pinned bool NOT NULL,
    group_id text, order_position int8 NOT NULL, order_rank int4 NOT NULL, PRIMARY KEY (reader_id, book_id));
  CREATE TABLE shelf_v2.shelf_groups (
    reader_id text, group_id text, name text NOT NULL, order_position int8 NOT NULL, order_index int4 NOT NULL,
    PRIMARY KEY (reader_id, group_id));
  CREATE SCHEMA library_v1;
  CREATE TABLE library_v1.books (
    book_id text PRIMARY KEY, title text NOT NULL, author text NOT NULL, intro text NOT NULL, channel text NOT NULL,
    category text NOT NULL, status text NOT NULL, cover_url text, edition int4, chapters int4 NOT NULL,
    words int8 NOT NULL, catalogued_at timestamptz NOT NULL, published_at timestamptz, published_position int8,
    updated_at timestamptz NOT NULL);`;

export async function createReadModelTables(pool: Pool): Promise<void> {
  await pool.query(tables);
}

export async function shelve(pool: Pool, readerId: string, bookId: string, position: bigint): Promise<void> {
  const text =
    "INSERT INTO shelf_v2.shelf_books VALUES ($1, $2, '2026-01-02T03:04:05.678+08:00', $3, false, NULL, $3, 0)";
  await pool.query(text, [readerId, bookId, position]);
}

/** A catalogued book, published at `position` unless that is null. */
export async function catalogue(pool: Pool, bookId: string, position: bigint | null): Promise<void> {
  const text = `INSERT INTO library_v1.books
    VALUES ($1, $2, '曹雪芹', '石头所记', 'published', '古典', 'finished', NULL, $3, 120, 861000, now(), $4, $5,
            '2026-02-03T00:00:00Z')`;
  const published = position !== null;
  await pool.query(text, [
    bookId,
    `书 ${bookId}`,
    published ? 2 : null,
    published ? "2026-01-01T00:00:00Z" : null,
    position,
  ]);
}

/** A book id made of a number. */
export const bookIdOf = (number: number) => `book${String(number).padStart(8, "0")}`;
