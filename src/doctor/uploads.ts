import type { Pool } from "../platform/postgres.ts";
import type { Check } from "./check.ts";

/** An idle worker polls every second. */
const timeoutSeconds = 60;

/** Checks that waiting uploads are picked up; each worker imports one at a time. */
export function uploadsCheck(pool: Pool): Check {
  return {
    name: "uploads",
    needs: ["migrations"],
    async run() {
      const { rows } = await pool.query<{ waiting: number; running: number; seconds: number }>(
        `SELECT count(*) FILTER (WHERE state = 'waiting' OR lease_until <= now())::int AS waiting,
                count(*) FILTER (WHERE state = 'running' AND lease_until > now())::int AS running,
                coalesce(extract(epoch FROM now() - min(lease_until)), 0)::float8 AS seconds
         FROM library_imports WHERE state IN ('waiting', 'running')`,
      );
      const { waiting = 0, running = 0, seconds = 0 } = rows[0] ?? {};
      if (waiting > 0 && running === 0 && seconds > timeoutSeconds) {
        const message = `${waiting} wait, for ${Math.round(seconds)} s, and no worker takes one`;
        return {
          status: "warning",
          message,
          hint: "start a worker (npm run start:worker), or restart those that hang",
        };
      }
      return { status: "ok", message: `${waiting} wait, ${running} are imported` };
    },
  };
}
