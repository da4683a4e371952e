import type { Pool } from "../../platform/postgres.ts";
import type { NeedsDecision } from "../needsDecision.ts";
import { type Claim, storable, type UploadProgress, writeClaimed } from "./claims.ts";

/** The number of days for which an upload waits for a decision before it is rejected. */
const daysToDecide = 7;

/**
 * Makes an upload wait for an operator: its error describes the result of the import, and its bytes are kept. Books of it that
 * need no decision are imported; `progress` lists them. False if the claim has ended.
 */
export function awaitDecision(
  pool: Pool,
  claim: Claim,
  { message, account, replaces }: NeedsDecision,
  progress: UploadProgress,
): Promise<boolean> {
  const { kept, read } = account ?? progress;
  const all = { ...progress, kept, read, warnings: [...progress.warnings, ...(account?.warnings ?? [])] };
  const set = `state = 'needs_decision', error = $3, decide_until = now() + make_interval(days => $4),
    options = options || jsonb_build_object('shown', $5::jsonb)`;
  return writeClaimed(pool, claim, all, set, [storable(message), daysToDecide, JSON.stringify(replaces)]);
}

/**
 * Continues an import despite its reservations: of a book, the edition is replaced that was published when they were made. False if no
 * upload with this id waits for a decision.
 */
export async function acceptDecision(pool: Pool, id: string): Promise<boolean> {
  const text = `UPDATE library_imports
    SET state = 'waiting', error = NULL, decide_until = NULL, uncounted = attempts, broken_readings = 0, lease_until = now(),
        options = options - 'shown' || jsonb_build_object('force', true, 'replace',
          CASE WHEN options->'replace' = 'true'::jsonb THEN options->'replace' ELSE coalesce(options->'shown', '{}') END)
    WHERE id = $1 AND state = 'needs_decision'`;
  return ((await pool.query(text, [id])).rowCount ?? 0) > 0;
}

/** Ends an import, and deletes its bytes. False if no upload with this id waits for a decision. */
export async function rejectDecision(pool: Pool, id: string): Promise<boolean> {
  return (await reject(pool, "id = $1", [id])) > 0;
}

/** Rejects uploads whose time for a decision has expired. */
export async function rejectExpired(pool: Pool): Promise<void> {
  await reject(pool, "decide_until < now()", []);
}

async function reject(pool: Pool, which: string, values: readonly string[]): Promise<number> {
  const text = `WITH chosen AS (SELECT id, body_id FROM library_imports
                                WHERE state = 'needs_decision' AND ${which} FOR UPDATE),
         gone AS (DELETE FROM library_import_parts WHERE body_id IN (SELECT body_id FROM chosen))
    UPDATE library_imports SET state = 'rejected', body_id = NULL, decide_until = NULL, finished_at = now()
    WHERE id IN (SELECT id FROM chosen)`;
  return (await pool.query(text, [...values])).rowCount ?? 0;
}
