import type { Pool } from "../../platform/postgres.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { viewsOf } from "../../projections/views.ts";

const { shelf_books, shelf_removed_books } = viewsOf(shelf);

const statement = {
  name: "has-used-shelf",
  text: `SELECT EXISTS (SELECT FROM ${shelf_books} WHERE reader_id = $1)
             OR EXISTS (SELECT FROM ${shelf_removed_books} WHERE reader_id = $1) AS "hasUsed"`,
};

/** Returns whether a reader ever put a book on the shelf, also if none is left there. */
export async function hasUsedShelf(pool: Pool, readerId: string): Promise<boolean> {
  const { rows } = await pool.query<{ hasUsed: boolean }>({ ...statement, values: [readerId] });
  return rows[0]?.hasUsed ?? false;
}
