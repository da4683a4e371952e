import { hash } from "node:crypto";
import type { Pool } from "../../platform/postgres.ts";
import type { BuildCatalog, VerificationRecord } from "../engine/ports/buildCatalog.ts";
import { nameInSql } from "./buildStates.ts";

/** Retention of runs, as a Postgres interval; runs whose differences stand are kept longer. */
const keptFor = "90 days";

type Stored = Record<"keys" | "rows" | "events" | "differences", bigint> & {
  readonly read_model: string;
  readonly build: string;
  readonly scope: VerificationRecord["scope"];
  readonly at: Date;
  readonly found_at: Date | null;
};

/** The runs on live builds. */
const runs = `
  SELECT verifications.*, live.version
  FROM projections.verifications
  JOIN projections.builds AS live
    ON live.read_model = verifications.read_model AND live.state = 'live'
       AND ${nameInSql("live")} = verifications.build`;

/**
 * Of these, the runs with differences that no later run has compared again: one over all keys, or one over the same keys. What a
 * sample takes changes with the keys that there are, so a sample covers no other run.
 */
const standing = `
  SELECT * FROM (${runs}) AS run
  WHERE differences > 0 AND NOT EXISTS (
    SELECT FROM projections.verifications AS later
    WHERE later.build = run.build AND later.number > run.number
      AND (later.scope = 'all' OR (later.scope = 'keys' AND run.scope = 'keys' AND later.keys_hash = run.keys_hash)))`;

/** The part of the catalog about verifications. */
export function createVerifications(pool: Pool): Pick<BuildCatalog, "recordVerification" | "lastVerifications"> {
  return {
    async recordVerification({ readModel, build, scope, keys, rows, events, differences }) {
      const keysHash = scope.kind === "keys" ? hash("sha256", JSON.stringify([...scope.keys].sort()), "hex") : null;
      await pool.query(
        `INSERT INTO projections.verifications (read_model, build, scope, keys_hash, keys, rows, events, differences)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [readModel, build, scope.kind, keysHash, keys, rows, events, differences],
      );
      await pool.query(
        `DELETE FROM projections.verifications
         WHERE at < now() - interval '${keptFor}' AND number NOT IN (SELECT number FROM (${standing}) AS kept)`,
      );
    },

    async lastVerifications(readModels) {
      // Runs over keys cover different ones, samples may share some.
      const found = await pool.query<Stored>(
        `WITH standing AS (
           SELECT build, scope, max(at) AS found_at,
                  CASE scope WHEN 'keys' THEN sum(differences) ELSE max(differences) END::int8 AS differences
           FROM (${standing}) AS uncovered GROUP BY build, scope)
         SELECT DISTINCT ON (build, scope)
                read_model, build, scope, at, keys, rows, events, coalesce(standing.differences, 0) AS differences, found_at
         FROM (${runs}) AS run LEFT JOIN standing USING (build, scope)
         WHERE (run.read_model, run.version) IN (SELECT * FROM unnest($1::text[], $2::int4[]))
         ORDER BY build, scope, number DESC`,
        [readModels.map(({ name }) => name), readModels.map(({ version }) => version)],
      );
      return found.rows.map(({ read_model, build, scope, at, keys, rows, events, differences, found_at }) => ({
        readModel: read_model,
        build,
        scope,
        at,
        keys: Number(keys),
        rows: Number(rows),
        events: Number(events),
        differences: Number(differences),
        foundAt: found_at,
      }));
    },
  };
}
