import type { Pool } from "../../platform/postgres.ts";
import type { BuildCatalog, Failure } from "../engine/ports/buildCatalog.ts";

/** The part of the catalog about failures: one per kind and partition. */
export function createFailures(pool: Pool): Pick<BuildCatalog, "reportFailure" | "clearFailure" | "failures"> {
  return {
    async reportFailure(build, { partition, kind, at, detail }) {
      await pool.query(
        `INSERT INTO projections.failures (build, partition, kind, position, event_id, detail)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (build, partition, kind) DO UPDATE
           SET position = excluded.position, event_id = excluded.event_id, detail = excluded.detail, since = now()
           WHERE failures.event_id <> excluded.event_id`,
        [build.name, partition, kind, at.position, at.eventId, detail.replaceAll("\0", "\ufffd").slice(0, 500)],
      );
    },

    async clearFailure(build, kind, partition) {
      await pool.query(
        `DELETE FROM projections.failures WHERE build = $1 AND kind = $2 AND partition = coalesce($3, partition)`,
        [build.name, kind, partition ?? null],
      );
    },

    async failures(build) {
      const found = await pool.query<Omit<Failure, "eventId"> & { event_id: string }>({
        name: "failures",
        text: `SELECT partition, kind, position, event_id, detail, since
               FROM projections.failures WHERE build = $1 ORDER BY partition, since`,
        values: [build.name],
      });
      return found.rows.map(({ event_id, ...failure }) => ({ ...failure, eventId: event_id }));
    },
  };
}
