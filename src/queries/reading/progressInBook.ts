import type { Preferences } from "../../domain/preferences/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { viewsOf } from "../../projections/views.ts";
import { sqlOf } from "../json.ts";
import { preferencesOf } from "../preferences/chosen.ts";
import { devicePlacesOf, furthestFirst, latestFirst } from "./devicePlaces.ts";
import { counted, placed, reportedPlace } from "./placed.ts";

const libraryViews = viewsOf(library);

type Chosen = {
  readonly no: number;
  readonly chapter_offset: number;
  readonly device_id: string;
  readonly json: string;
};

/** Two rows, the latest place and the furthest. For the furthest, places since the book was last started again take precedence. */
const statement = {
  name: "progress-in-book",
  text: `WITH placed AS MATERIALIZED (
           SELECT * FROM ${placed(devicePlacesOf("$1", "$2"), "true", ["device_id", "read_at", "entry_id"])} AS placed),
         chosen AS (
           (SELECT 1 AS row, placed.* FROM placed ORDER BY ${latestFirst("placed")} LIMIT 1)
           UNION ALL
           (SELECT 2, placed.* FROM placed
            ORDER BY ${furthestFirst("placed", "$1", "$2")}, chapter_offset DESC, ${latestFirst("placed")} LIMIT 1))
         SELECT placed.no, placed.chapter_offset, placed.device_id, ${sqlOf(reportedPlace)} AS json
         FROM chosen AS placed ${counted} ORDER BY placed.row`,
};

const bookStatement = {
  name: "is there such a book",
  text: `SELECT FROM ${libraryViews.books} WHERE book_id = $1`,
};

/**
 * `{latest, furthest, resume}` as JSON: the place that was read last, the furthest among the devices' latest places, and where
 * to resume by the reader's policy, null if the reader has to choose. All are null if nothing was read. Undefined if there is
 * no such book.
 */
export async function progressInBook(pool: Pool, readerId: string, bookId: string): Promise<string | undefined> {
  const [{ rows }, { progressPolicy }] = await Promise.all([
    pool.query<Chosen>({ ...statement, values: [readerId, bookId] }),
    preferencesOf(pool, readerId),
  ]);
  const [latest, furthest] = rows;
  if (latest === undefined || furthest === undefined) {
    const books = await pool.query({ ...bookStatement, values: [bookId] });
    return books.rowCount === 0 ? undefined : '{"latest":null,"furthest":null,"resume":null}';
  }
  const resume = resumed(latest, furthest, progressPolicy);
  return `{"latest":${latest.json},"furthest":${furthest.json},"resume":${resume?.json ?? null}}`;
}

function resumed(latest: Chosen, furthest: Chosen, policy: Preferences["progressPolicy"]): Chosen | undefined {
  if (policy === "furthest") return furthest;
  const differ = latest.no !== furthest.no || latest.chapter_offset !== furthest.chapter_offset;
  return policy === "ask" && differ && latest.device_id !== furthest.device_id ? undefined : latest;
}
