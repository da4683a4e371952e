import type { Pool } from "../../platform/postgres.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { viewsOf } from "../../projections/views.ts";

const views = viewsOf(shelf);

/** A group of a shelf, and how many books are in it. */
export type ShelfGroup = { readonly id: string; readonly name: string; readonly books: number };

const statement = {
  name: "groups-of-shelf",
  text: `SELECT shelf_group.group_id AS id, shelf_group.name, coalesce(counted.books, 0) AS books
         FROM ${views.shelf_groups} AS shelf_group
         LEFT JOIN (SELECT group_id, count(*)::int4 AS books
                    FROM ${views.shelf_books}
                    WHERE reader_id = $1 AND group_id IS NOT NULL
                    GROUP BY group_id) AS counted ON counted.group_id = shelf_group.group_id
         WHERE shelf_group.reader_id = $1
         ORDER BY shelf_group.order_position, shelf_group.order_rank COLLATE "C"`,
};

/** All groups of a reader's shelf, 100 at most, in the reader's order. */
export async function groupsOfShelf(pool: Pool, readerId: string): Promise<readonly ShelfGroup[]> {
  const { rows } = await pool.query<ShelfGroup>({ ...statement, values: [readerId] });
  return rows;
}
