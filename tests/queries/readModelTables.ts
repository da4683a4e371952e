import type { Pool } from "../../src/platform/postgres.ts";
import { ensureBuild } from "../../src/projections/engine/build.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { titleKeyOf } from "../../src/projections/library/titleKey.ts";
import { readModels } from "../../src/projections/registry.ts";

/** What queries read, as the engine makes it. */
export async function createReadModelTables(pool: Pool): Promise<void> {
  for (const readModel of readModels) await ensureBuild(pool, readModel, 1);
}

export async function shelve(pool: Pool, readerId: string, bookId: string, position: bigint): Promise<void> {
  const text =
    "INSERT INTO shelf_v2.shelf_books VALUES ($1, $2, '2026-01-02T03:04:05.678+08:00', $3, false, NULL, $3, 0)";
  await pool.query(text, [readerId, bookId, position]);
}

/** A book that was catalogued at `position`; `more` are columns and values. */
export async function catalogue(
  pool: Pool,
  bookId: string,
  position: bigint,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const title = `书 ${bookId}`;
  const row: Record<string, unknown> = {
    book_id: bookId,
    title,
    title_key: titleKeyOf(title),
    author: "曹雪芹",
    intro: "石头所记",
    channel: "published",
    category: "古典",
    category_id: categoryId("published", "古典"),
    status: "finished",
    edition: 2,
    chapters: 120,
    words: 861_000,
    catalogued_at: "2026-01-01T00:00:00Z",
    catalogued_position: position,
    updated_at: "2026-02-03T00:00:00Z",
    updated_position: position,
    published_at: "2026-01-02T00:00:00Z",
    ...more,
  };
  const columns = Object.keys(row);
  const values = columns.map((_, index) => `$${index + 1}`);
  const text = `INSERT INTO library_v2.books (${columns.join(", ")}) VALUES (${values.join(", ")})`;
  await pool.query(text, Object.values(row));
}

/** A book id made of a number. */
export const bookIdOf = (number: number) => `book${String(number).padStart(8, "0")}`;
