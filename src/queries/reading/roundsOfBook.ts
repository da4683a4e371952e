import type { Pool } from "../../platform/postgres.ts";
import { rounds } from "../../projections/reading/rounds.ts";
import { viewsOf } from "../../projections/views.ts";
import { bare, instant, object, orNull, sqlOf } from "../json.ts";
import { type JsonPage, pageOf } from "../page.ts";

const round = object({
  round: bare("round.round"),
  beganAt: orNull(instant, "round.began_at"),
  finishedAt: orNull(instant, "round.finished_at"),
});

const statement = {
  name: "rounds-of-book",
  text: `SELECT string_agg(${sqlOf(round)}, ',' ORDER BY round.round DESC) AS items
         FROM ${viewsOf(rounds).reading_rounds} AS round WHERE round.reader_id = $1 AND round.book_id = $2`,
};

/** All rounds in which a reader read a book, at most 1,000, the latest first. */
export async function roundsOfBook(pool: Pool, readerId: string, bookId: string): Promise<JsonPage> {
  const { rows } = await pool.query({ ...statement, values: [readerId, bookId] });
  return pageOf(rows[0]);
}
