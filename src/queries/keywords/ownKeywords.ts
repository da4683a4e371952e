import type { Pool } from "../../platform/postgres.ts";
import { keywords } from "../../projections/keywords/keywords.ts";
import { viewsOf } from "../../projections/views.ts";
import { instant, object, sqlOf, text } from "../json.ts";
import { type JsonPage, pageOf } from "../page.ts";

const views = viewsOf(keywords);

/** The number of keywords shown to a reader. */
const shownKeywords = 20;

const ownKeyword = object({ keyword: text("own.typed"), searchedAt: instant("own.searched_at") });

const statement = {
  name: "own-keywords",
  text: `SELECT string_agg(${sqlOf(ownKeyword)}, ',' ORDER BY own.position DESC) AS items
         FROM (SELECT typed, searched_at, position FROM ${views.own_keywords}
               WHERE reader_id = $1 ORDER BY position DESC LIMIT ${shownKeywords}) AS own`,
};

/** The keywords that a reader searched for, the last first, without duplicates. */
export async function ownKeywords(pool: Pool, readerId: string): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statement, values: [readerId] });
  return pageOf(rows[0]);
}
