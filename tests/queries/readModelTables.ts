import type { Pool } from "../../src/platform/postgres.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { categoryId } from "../../src/projections/library/categoryId.ts";
import { titleKeyOf } from "../../src/projections/library/titleKey.ts";
import { readModels } from "../../src/projections/registry.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";

/** The tables that queries read, as created by the engine: a live build of one partition of every read model. */
export async function createReadModelTables(pool: Pool): Promise<readonly Build[]> {
  const store = createPostgresStore(pool);
  const builds: Build[] = [];
  for (const readModel of readModels) {
    const build = await createCatalog(pool).add(readModel, 1);
    if (build === undefined) throw new Error(`${readModel.name} was not added`);
    await store.open(build);
    await store.takeOver(build, undefined, async () => true);
    builds.push(build);
  }
  return builds;
}

export async function shelve(pool: Pool, readerId: string, bookId: string, position: bigint): Promise<void> {
  const text =
    "INSERT INTO shelf_v4.shelf_books VALUES ($1, $2, '2026-01-02T03:04:05.678+08:00', $3, false, NULL, $3, 'V')";
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
  const text = `INSERT INTO library_v3.books (${columns.join(", ")}) VALUES (${values.join(", ")})`;
  await pool.query(text, Object.values(row));
}

/** A book id derived from a number. */
export const bookIdOf = (number: number) => `book${String(number).padStart(8, "0")}`;
