import type { Pool } from "../../platform/postgres.ts";
import type { BuildPlace } from "../engine/core/build.ts";
import type { BuildCatalog } from "../engine/ports/buildCatalog.ts";

/** The leases' part of the catalog. Only the clock of Postgres counts. */
export function createLeases(
  pool: Pool,
): Pick<BuildCatalog, "takeLease" | "releaseLease" | "join" | "leave" | "silentFor"> {
  return {
    async takeLease(name, holder, ms) {
      const found = await pool.query<{ left: number }>({
        name: "take a lease",
        text: `WITH taken AS (
                 INSERT INTO projections.leases (name, holder, until)
                 VALUES ($1, $2, now() + $3 * interval '1 millisecond')
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                   WHERE leases.holder = excluded.holder OR leases.until < now() RETURNING name)
               SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN 0
                 ELSE (SELECT greatest(1, ceil(extract(epoch FROM until - now()) * 1000)) FROM projections.leases
                       WHERE name = $1) END::float8 AS left`,
        values: [name, holder, ms],
      });
      // Null: two took it at once, and the one that came second did not see the other.
      return found.rows[0]?.left ?? 1;
    },

    async releaseLease(name, holder) {
      await pool.query("DELETE FROM projections.leases WHERE name = $1 AND holder = $2", [name, holder]);
    },

    async join(build, member, ms) {
      const found = await pool.query<{ holder: string }>({
        name: "join a build",
        text: `WITH gone AS (DELETE FROM projections.leases WHERE starts_with(name, $1) AND until < now() AND holder <> $2),
                    own AS (INSERT INTO projections.leases (name, holder, until)
                            VALUES ($1 || $2, $2, now() + $3 * interval '1 millisecond')
                            ON CONFLICT (name) DO UPDATE SET until = excluded.until)
               SELECT holder FROM projections.leases WHERE starts_with(name, $1) AND until >= now() AND holder <> $2`,
        values: [membersOf(build), member, ms],
      });
      return [...found.rows.map(({ holder }) => holder), member].sort();
    },

    async leave(build, member) {
      await pool.query("DELETE FROM projections.leases WHERE name = $1", [membersOf(build) + member]);
    },

    async silentFor() {
      const { rows } = await pool.query<{ build: string; ms: number }>({
        name: "how long builds have been without workers",
        text: `SELECT split_part(name, ' ', 2) AS build, (extract(epoch FROM now() - max(until)) * 1000)::float8 AS ms
               FROM projections.leases WHERE starts_with(name, 'work ') GROUP BY 1`,
      });
      return new Map(rows.map(({ build, ms }) => [build, ms]));
    },
  };
}

/** What the names of the leases begin with that workers hold on a build. */
const membersOf = (build: BuildPlace) => `work ${build.name} `;
