import type { Pool } from "../../platform/postgres.ts";
import { sqlOf } from "../json.ts";
import { type JsonPage, pageOf } from "../page.ts";
import { devicePlacesOf, latestFirst } from "./devicePlaces.ts";
import { counted, placed, reportedPlace } from "./placed.ts";

const statement = {
  name: "positions-in-book",
  text: `SELECT string_agg(${sqlOf(reportedPlace)}, ',' ORDER BY ${latestFirst("placed")}) AS items
         FROM ${placed(devicePlacesOf("$1", "$2"), "true", ["device_id", "read_at", "entry_id"])} AS placed ${counted}`,
};

/** The latest place of each device in a book, the latest first; of the 20 devices used last. */
export async function positionsInBook(pool: Pool, readerId: string, bookId: string): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statement, values: [readerId, bookId] });
  return pageOf(rows[0]);
}
