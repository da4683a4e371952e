import type { Pool } from "../../platform/postgres.ts";
import { cleanCharacters } from "../plainText.ts";
import type { StoredBody } from "./uploadBytes.ts";
import type { NewUpload, UploadState } from "./uploads.ts";

/**
 * An importer's right to write to an upload. `attempts` counts the claims of an upload and never goes down, so that a claim
 * ends when another importer claims the upload, or the upload ends or is released.
 */
export type Claim = { readonly id: string; readonly attempts: number };

export type ClaimedUpload = Claim &
  Pick<NewUpload, "fileName" | "options" | "body"> & {
    /** The attempts so far, with this one, without those that were interrupted. */
    readonly counted: number;
    /** Earlier attempts in which the process that read the file ended. */
    readonly brokenReadings: number;
  };

export type UploadProgress = Pick<
  UploadState,
  "stepsDone" | "steps" | "books" | "written" | "firstBooks" | "warnings" | "read" | "kept"
>;

/** The condition of all that an importer writes: $1 and $2 are its claim. */
const isClaimed = "id = $1 AND state = 'running' AND attempts = $2";

/** Text without what Postgres refuses in text or JSON: NUL and halves of characters, which messages quote from files. */
export const storable = <Text extends string | null>(text: Text) => text && cleanCharacters(text);

const storableJson = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "string" ? cleanCharacters(part) : part));

/** Claims the next waiting upload for `leaseSeconds`; undefined if there is none. */
export async function claimUpload(pool: Pool, leaseSeconds: number): Promise<ClaimedUpload | undefined> {
  const { rows } = await pool.query<Omit<ClaimedUpload, "body"> & StoredBody>(
    `UPDATE library_imports
     SET state = 'running', attempts = attempts + 1, lease_until = now() + make_interval(secs => $1)
     WHERE id = (SELECT id FROM library_imports
                 WHERE state IN ('waiting', 'running') AND lease_until <= now()
                 ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, file_name AS "fileName", options, body_id AS "bodyId", body_size::float8 AS size, attempts,
       attempts - uncounted AS counted, broken_readings AS "brokenReadings"`,
    [leaseSeconds],
  );
  if (rows[0] === undefined) return undefined;
  const { bodyId, size, ...upload } = rows[0];
  return { ...upload, body: { bodyId, size } };
}

/** Records the progress of an import, and extends its lease to `leaseSeconds`. False if the claim has ended. */
export function keepUpload(pool: Pool, claim: Claim, progress: UploadProgress, leaseSeconds: number): Promise<boolean> {
  return writeClaimed(pool, claim, progress, "lease_until = now() + make_interval(secs => $3)", [leaseSeconds]);
}

/** Ends an upload, with an error if it failed, and deletes its bytes. False if the claim has ended. */
export function finishUpload(
  pool: Pool,
  claim: Claim,
  progress: UploadProgress,
  error: string | null,
): Promise<boolean> {
  const set = "state = $3, error = $4, body_id = NULL, finished_at = now()";
  const deletion = ", gone AS (DELETE FROM library_import_parts WHERE body_id IN (SELECT body_id FROM mine))";
  return writeClaimed(pool, claim, progress, set, [error === null ? "done" : "failed", storable(error)], deletion);
}

/**
 * Writes the progress of an upload and the columns in `set`, whose values are $3 and so on, while the claim holds; else nothing,
 * and resolves with false.
 */
export async function writeClaimed(
  pool: Pool,
  { id, attempts }: Claim,
  progress: UploadProgress,
  set: string,
  values: readonly unknown[],
  also = "",
): Promise<boolean> {
  const all = progressSet(progress, 3 + values.length);
  const { rowCount } = await pool.query(
    `WITH mine AS (SELECT id, body_id FROM library_imports WHERE ${isClaimed} FOR UPDATE) ${also}
     UPDATE library_imports SET ${set}, ${all.set} WHERE id IN (SELECT id FROM mine)`,
    [id, attempts, ...values, ...all.values],
  );
  return rowCount === 1;
}

/** The columns of an import's progress, as SET takes them, with their values as the parameters from `first` on. */
function progressSet(
  { stepsDone, steps, books, written, firstBooks, warnings, read, kept }: UploadProgress,
  first: number,
): { readonly set: string; readonly values: readonly unknown[] } {
  const lists = { first_books: storableJson(firstBooks), warnings: storableJson(warnings) };
  const columns = { steps_done: stepsDone, steps, books, written, ...lists, read, kept };
  const set = Object.keys(columns).map((column, index) => `${column} = $${first + index}`);
  return { set: set.join(", "), values: Object.values(columns) };
}

/**
 * Lets an upload be claimed again after `seconds`. An attempt that was `interrupted` does not count; one with a `brokenReading`
 * counts as such too. False if the claim has ended.
 */
export async function releaseUpload(
  pool: Pool,
  { id, attempts }: Claim,
  seconds: number,
  as?: "interrupted" | "brokenReading",
): Promise<boolean> {
  // Not 'running': a lease renewal that is under way would claim it again.
  const text = `UPDATE library_imports
    SET state = 'waiting', lease_until = now() + make_interval(secs => $3),
        uncounted = uncounted + $4::int, broken_readings = broken_readings + $5::int
    WHERE ${isClaimed}`;
  const counts = [as === "interrupted" ? 1 : 0, as === "brokenReading" ? 1 : 0];
  return (await pool.query(text, [id, attempts, seconds, ...counts])).rowCount === 1;
}
