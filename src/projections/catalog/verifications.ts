import type { Pool } from "../../platform/postgres.ts";
import type { BuildCatalog, VerificationRecord } from "../engine/ports/buildCatalog.ts";
import { nameInSql } from "./buildStates.ts";

/** How long runs are kept, as a Postgres interval. */
const keptFor = "90 days";

type Stored = Record<"keys" | "rows" | "events" | "differences", bigint> & {
  readonly read_model: string;
  readonly build: string;
  readonly scope: VerificationRecord["scope"];
  readonly at: Date;
};

/** The part of the catalog about verifications. */
export function createVerifications(pool: Pool): Pick<BuildCatalog, "recordVerification" | "lastVerifications"> {
  return {
    async recordVerification({ readModel, build, scope, keys, rows, events, differences }) {
      await pool.query(
        `INSERT INTO projections.verifications (read_model, build, scope, keys, rows, events, differences)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [readModel, build, scope, keys, rows, events, differences],
      );
      await pool.query(`DELETE FROM projections.verifications WHERE at < now() - interval '${keptFor}'`);
    },

    async lastVerifications() {
      const found = await pool.query<Stored>(
        `SELECT DISTINCT ON (build, scope) verifications.*
         FROM projections.verifications
         JOIN projections.builds AS live
           ON live.read_model = verifications.read_model AND live.state = 'live'
              AND ${nameInSql("live")} = verifications.build
         ORDER BY build, scope, verifications.number DESC`,
      );
      return found.rows.map(({ read_model, build, scope, at, keys, rows, events, differences }) => ({
        readModel: read_model,
        build,
        scope,
        at,
        keys: Number(keys),
        rows: Number(rows),
        events: Number(events),
        differences: Number(differences),
      }));
    },
  };
}
