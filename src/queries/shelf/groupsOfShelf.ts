import type { Pool } from "../../platform/postgres.ts";
import { shelf } from "../../projections/shelf/shelf.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, object, sqlOf, text } from "../json.ts";
import { type JsonPage, pageOf } from "../page.ts";

const views = viewsOf(shelf);

/** A group of a shelf, with its number of books. */
const group = object({
  id: text("shelf_group.group_id"),
  name: text("shelf_group.name"),
  books: bare("coalesce(counted.books, 0)"),
});

const statement = {
  name: "groups-of-shelf",
  text: `SELECT string_agg(${sqlOf(group)}, ',' ORDER BY shelf_group.order_position, shelf_group.order_rank COLLATE "C") AS items
         FROM ${views.shelf_groups} AS shelf_group
         LEFT JOIN (SELECT group_id, count(*)::int4 AS books
                    FROM ${views.shelf_books}
                    WHERE reader_id = $1 AND group_id IS NOT NULL
                    GROUP BY group_id) AS counted ON counted.group_id = shelf_group.group_id
         WHERE shelf_group.reader_id = $1`,
};

/** All groups of a reader's shelf, at most 100, in the reader's order. */
export async function groupsOfShelf(pool: Pool, readerId: string): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statement, values: [readerId] });
  return pageOf(rows[0]);
}
