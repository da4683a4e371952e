import type { Pool } from "../../platform/postgres.ts";
import type { LogPoint } from "./batch.ts";
import type { Build } from "./build.ts";

/**
 * Why a partition does not go on: `event_refused`: its handler throws, or Postgres refuses what it wrote, for the event named;
 * `event_unknown`: no worker that looked at the event knows its type or version; `log_mismatch`: the log does not hold
 * the event of the partition's checkpoint, so this is not the log that the build was made from.
 */
export type FailureKind = "event_refused" | "event_unknown" | "log_mismatch";

export type Failure = {
  readonly partition: number;
  readonly kind: FailureKind;
  readonly position: bigint;
  readonly eventId: string;
  readonly detail: string;
};

/** Records why a partition stands still, for readiness. It counts until the partition's checkpoint has passed the event. */
export async function reportFailure(
  pool: Pool,
  build: Build,
  failure: { partition: number; kind: FailureKind; at: LogPoint; detail: string },
): Promise<void> {
  const { partition, kind, at, detail } = failure;
  await pool.query(
    `INSERT INTO projections.failures (build, partition, kind, position, event_id, detail) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (build, partition, kind) DO UPDATE
       SET position = excluded.position, event_id = excluded.event_id, detail = excluded.detail, since = now()
       WHERE failures.event_id <> excluded.event_id`,
    [build.schema, partition, kind, at.position, at.eventId, detail.slice(0, 500)],
  );
}

/** The log holds every checkpoint's event again: a refusal of before is over. */
export async function clearLogMismatch(pool: Pool, build: Build): Promise<void> {
  await pool.query("DELETE FROM projections.failures WHERE build = $1 AND kind = 'log_mismatch'", [build.schema]);
}

/** The failures that still count: those of events that the partition's checkpoint has not passed, and every mismatch. */
export async function openFailures(pool: Pool, build: Pick<Build, "schema">): Promise<readonly Failure[]> {
  const found = await pool.query<Omit<Failure, "eventId"> & { event_id: string }>(
    `SELECT t.partition, t.kind, t.position, t.event_id, t.detail
     FROM projections.failures t JOIN ${build.schema}.checkpoints c USING (partition)
     WHERE t.build = $1 AND (t.kind = 'log_mismatch' OR t.position > c.position)
     ORDER BY t.partition`,
    [build.schema],
  );
  return found.rows.map(({ event_id, ...failure }) => ({ ...failure, eventId: event_id }));
}
