import type { Pool } from "../platform/postgres.ts";
import { inTransaction } from "../platform/postgres.ts";
import type { ExportPlan } from "./export/manifest.ts";

/** A copy of events, and what is known of it. `erased`: who is in it and was erased since, as they are called there. */
export type Copy = {
  readonly exportId: string;
  readonly requestedBy: string;
  readonly identitiesReason: string | null;
  readonly place: string;
  readonly format: string;
  readonly after: bigint | null;
  readonly upTo: bigint;
  readonly filters: unknown;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly events: bigint | null;
  readonly erased: readonly string[];
};

/** Notes a copy before its first file is written. May be repeated. */
export async function noteCopy(
  pool: Pick<Pool, "query">,
  plan: ExportPlan,
  who: { readonly requestedBy: string; readonly identitiesReason: string | undefined; readonly place: string },
): Promise<void> {
  await pool.query(
    `INSERT INTO replay_exports
       (export_id, requested_by, identities_reason, place, format, after_position, up_to_position, filters)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (export_id) DO NOTHING`,
    [
      plan.exportId,
      who.requestedBy,
      who.identitiesReason ?? null,
      who.place,
      plan.format,
      plan.range.after,
      plan.range.upTo,
      JSON.stringify(plan.filters),
    ],
  );
}

export async function noteCopyEnded(pool: Pick<Pool, "query">, exportId: string, events: number): Promise<void> {
  await pool.query(
    "UPDATE replay_exports SET finished_at = coalesce(finished_at, now()), events = $2 WHERE export_id = $1",
    [exportId, events],
  );
}

/** Forgets a copy, and who is in it: its files were deleted. Whether it was known. */
export async function forgetCopy(pool: Pick<Pool, "query">, exportId: string): Promise<boolean> {
  const { rowCount } = await pool.query("DELETE FROM replay_exports WHERE export_id = $1", [exportId]);
  return rowCount === 1;
}

/** The copies, newest first; with `onlyErased` those that hold readers who were erased since. */
export async function listCopies(pool: Pick<Pool, "query">, onlyErased: boolean): Promise<readonly Copy[]> {
  const { rows } = await pool.query<Copy>(
    `SELECT export_id AS "exportId", requested_by AS "requestedBy", identities_reason AS "identitiesReason", place, format,
            after_position AS after, up_to_position AS "upTo", filters, started_at AS "startedAt",
            finished_at AS "finishedAt", events,
            ARRAY(SELECT reader FROM replay_export_readers r
                  WHERE r.export_id = e.export_id AND erased_at IS NOT NULL ORDER BY reader) AS erased
     FROM replay_exports e
     WHERE NOT $1 OR EXISTS (SELECT FROM replay_export_readers r WHERE r.export_id = e.export_id AND erased_at IS NOT NULL)
     ORDER BY started_at DESC, export_id`,
    [onlyErased],
  );
  return rows;
}

/** A copy that holds a reader, and what the reader is called there. */
export type Held = { readonly exportId: string; readonly place: string; readonly reader: string };

/** The copies that hold a reader, by pseudonym or by id. */
export async function copiesWith(pool: Pick<Pool, "query">, readerId: string): Promise<readonly Held[]> {
  const { rows } = await pool.query<Held>(
    `SELECT export_id AS "exportId", place, reader FROM replay_exports JOIN replay_export_readers USING (export_id)
     WHERE reader = $1 OR reader = (SELECT pseudonym FROM replay_pseudonyms WHERE reader_id = $1)
     ORDER BY started_at, export_id`,
    [readerId],
  );
  return rows;
}

/**
 * Deletes the pseudonym of a reader who is being erased, marks the copies that hold the reader, and removes the id from the data
 * about copies, except for those that name the reader. The row is deleted before: an export that is about to note the reader
 * holds its lock (`createReaderNames`), and finds none afterwards. May be repeated.
 */
export async function forgetPseudonym(pool: Pool, readerId: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ pseudonym: string }>(
      "DELETE FROM replay_pseudonyms WHERE reader_id = $1 RETURNING pseudonym",
      [readerId],
    );
    await client.query(
      "UPDATE replay_export_readers SET erased_at = 'epoch' WHERE reader = ANY($1) AND erased_at IS NULL",
      [[readerId, ...rows.map(({ pseudonym }) => pseudonym)]],
    );
    await client.query(withoutReader, [readerId]);
    await client.query(
      "UPDATE replay_exports SET requested_by = 'analyst erased' WHERE requested_by = 'analyst ' || $1::text",
      [readerId],
    );
  });
}

/** A copy with identities may have been asked for by the id. Not taken out but replaced: an empty list would be no limit. */
const withoutReader = `UPDATE replay_exports SET filters = jsonb_set(filters, '{readers}', (
    SELECT jsonb_agg(CASE reader WHEN $1 THEN 'erased' ELSE reader END ORDER BY n)
    FROM jsonb_array_elements_text(filters->'readers') WITH ORDINALITY AS asked (reader, n)))
  WHERE filters->'readers' ? $1`;
