import type { Pool } from "../../platform/postgres.ts";
import { places } from "../../projections/reading/places.ts";
import { viewsOf } from "../../projections/views.ts";
import { sqlOf } from "../json.ts";
import { type JsonPage, pageOf } from "../page.ts";
import { counted, placed, reportedPlace } from "./placed.ts";

/** The maximum number of devices shown. */
const maxPositions = 20;

const latest = `(SELECT * FROM ${viewsOf(places).device_places}
                 WHERE reader_id = $1 AND book_id = $2
                 ORDER BY read_at DESC, entry_id COLLATE "C" DESC LIMIT ${maxPositions})`;

const statement = {
  name: "positions-in-book",
  text: `SELECT string_agg(${sqlOf(reportedPlace)}, ',' ORDER BY placed.read_at DESC, placed.entry_id COLLATE "C" DESC) AS items
         FROM ${placed(latest, "true", ["device_id", "read_at", "entry_id"])} AS placed ${counted}`,
};

/** The latest place of each device in a book, the latest first; of the 20 devices used last. */
export async function positionsInBook(pool: Pool, readerId: string, bookId: string): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statement, values: [readerId, bookId] });
  return pageOf(rows[0]);
}
