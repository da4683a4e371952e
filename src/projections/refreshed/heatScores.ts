import { inTransaction, type Pool } from "../../platform/postgres.ts";
import { dayOf, heat } from "../heat/heat.ts";
import { viewsOf } from "../views.ts";

const views = viewsOf(heat);

/** The half-life of a point. Points older than `maxDays`, then worth 1/380, are ignored. */
const halfLifeDays = 7;
const maxDays = 60;

/** `heat_scores` is not a read model: its numbers change with the date alone. In thousandths of a point. */
const statement = {
  name: "refresh-heat",
  text: `WITH days AS (
           SELECT book_id, day, count(*) AS readers FROM ${views.heat_days}
           WHERE day > $1::int4 - ${maxDays} AND day <= $1::int4
           GROUP BY book_id, day
         ), scores AS (
           SELECT book_id, round(1000 * sum(readers * power(0.5, ($1::int4 - day) / ${halfLifeDays}.0)))::int8 AS heat
           FROM days GROUP BY book_id
         ), gone AS (
           DELETE FROM heat_scores WHERE book_id NOT IN (SELECT book_id FROM scores)
         )
         INSERT INTO heat_scores SELECT book_id, heat FROM scores
         ON CONFLICT (book_id) DO UPDATE SET heat = excluded.heat WHERE heat_scores.heat <> excluded.heat`,
};

/** An arbitrary number for the lock by which workers take turns. */
const lock = 7_268_513_401;

/**
 * Recomputes the heat of all books as of the day of `now`. Does nothing while another process does it, or while the read model
 * `heat` is not live. Resolves with whether it was computed.
 */
export function refreshHeat(pool: Pool, now: Date): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>({
      name: "refresh-heat-lock",
      text: "SELECT pg_try_advisory_xact_lock($1::int8) AND to_regclass($2) IS NOT NULL AS mine",
      values: [lock, views.heat_days],
    });
    const isMine = rows[0]?.mine === true;
    if (isMine) await client.query({ ...statement, values: [dayOf(now)] });
    return isMine;
  });
}
