import type { Pool } from "../platform/postgres.ts";
import type { DayPositions } from "./positions.ts";

/** The positions at which days begin in the log, kept in Postgres. They can be deleted at any time. */
export function createDayPositions(pool: Pick<Pool, "query">): DayPositions {
  return {
    async latest(day) {
      const { rows } = await pool.query<{ day: string; before: bigint }>(
        "SELECT day::text, before_position AS before FROM replay_days WHERE day <= $1 ORDER BY day DESC LIMIT 1",
        [day],
      );
      return rows[0];
    },
    async note(day, before) {
      await pool.query("INSERT INTO replay_days VALUES ($1, $2) ON CONFLICT (day) DO NOTHING", [day, before]);
    },
    async forget() {
      await pool.query("DELETE FROM replay_days");
    },
  };
}
