import type { Pool } from "../../platform/postgres.ts";
import type { BuildCatalog } from "../engine/ports/buildCatalog.ts";

/** The leases' part of the catalog. Only the clock of Postgres counts. */
export function createLeases(pool: Pool): Pick<BuildCatalog, "takeLease" | "releaseLease"> {
  return {
    async takeLease(name, holder, ms) {
      const taken = await pool.query(
        `INSERT INTO projections.leases (name, holder, until) VALUES ($1, $2, now() + $3 * interval '1 millisecond')
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
           WHERE leases.holder = excluded.holder OR leases.until < now()`,
        [name, holder, ms],
      );
      return taken.rowCount === 1;
    },

    async releaseLease(name, holder) {
      await pool.query("DELETE FROM projections.leases WHERE name = $1 AND holder = $2", [name, holder]);
    },
  };
}
