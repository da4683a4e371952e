import type { Pool } from "../../platform/postgres.ts";
import { places } from "../../projections/reading/places.ts";
import { viewsOf } from "../../projections/views.ts";
import { placed } from "./placed.ts";

const inBook = `SELECT * FROM ${viewsOf(places).book_places} WHERE reader_id = $1 AND book_id = $2`;

const statement = {
  name: "latest-place",
  text: `SELECT placed.entry_id AS "entryId", placed.read_at AS "readAt", placed.chapter_id AS "chapterId",
                placed.chapter_offset AS "offset"
         FROM ${placed(`(${inBook})`, "true", ["entry_id", "read_at"])} AS placed`,
};

/** The place where a reader read last in a book, in its published edition. */
export type LatestPlace = {
  readonly entryId: string;
  /** ISO 8601, UTC. */
  readonly readAt: string;
  readonly chapterId: string;
  /** UTF-16 units of the chapter. */
  readonly offset: number;
};

/** The latest place of a reader in a book; undefined if nothing was read. */
export async function latestPlace(pool: Pool, readerId: string, bookId: string): Promise<LatestPlace | undefined> {
  const { rows } = await pool.query<Omit<LatestPlace, "readAt"> & { readonly readAt: Date }>({
    ...statement,
    values: [readerId, bookId],
  });
  return rows[0] && { ...rows[0], readAt: rows[0].readAt.toISOString() };
}
