import type { Pool } from "../../platform/postgres.ts";
import type { LogPoint } from "./batch.ts";
import type { Build } from "./build.ts";

/**
 * Why a lane does not go on: `event_refused`: its handler throws, or Postgres refuses what it wrote, for the event named;
 * `event_unknown`: no worker that looked at the event knows its type or version; `log_mismatch`: the log does not hold
 * the event of the lane's checkpoint, so this is not the log that the build was made from.
 */
export type TroubleKind = "event_refused" | "event_unknown" | "log_mismatch";

export type Trouble = {
  readonly lane: number;
  readonly kind: TroubleKind;
  readonly position: bigint;
  readonly eventId: string;
  readonly detail: string;
};

/** Records why a lane stands still, for readiness. It counts until the lane's checkpoint has passed the event. */
export async function reportTrouble(
  pool: Pool,
  build: Build,
  trouble: { lane: number; kind: TroubleKind; at: LogPoint; detail: string },
): Promise<void> {
  const { lane, kind, at, detail } = trouble;
  await pool.query(
    `INSERT INTO projections.troubles (build, lane, kind, position, event_id, detail) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (build, lane, kind) DO UPDATE
       SET position = excluded.position, event_id = excluded.event_id, detail = excluded.detail, since = now()
       WHERE troubles.event_id <> excluded.event_id`,
    [build.schema, lane, kind, at.position, at.eventId, detail.slice(0, 500)],
  );
}

/** The log holds every checkpoint's event again: a refusal of before is over. */
export async function clearLogMismatch(pool: Pool, build: Build): Promise<void> {
  await pool.query("DELETE FROM projections.troubles WHERE build = $1 AND kind = 'log_mismatch'", [build.schema]);
}

/** The troubles that still count: those of events that the lane's checkpoint has not passed, and every mismatch. */
export async function openTroubles(pool: Pool, build: Pick<Build, "schema">): Promise<readonly Trouble[]> {
  const found = await pool.query<Omit<Trouble, "eventId"> & { event_id: string }>(
    `SELECT t.lane, t.kind, t.position, t.event_id, t.detail
     FROM projections.troubles t JOIN ${build.schema}.checkpoints c USING (lane)
     WHERE t.build = $1 AND (t.kind = 'log_mismatch' OR t.position > c.position)
     ORDER BY t.lane`,
    [build.schema],
  );
  return found.rows.map(({ event_id, ...trouble }) => ({ ...trouble, eventId: event_id }));
}
