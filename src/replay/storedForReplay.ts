import type { Pool } from "../platform/postgres.ts";
import { type Replay, replayColumns } from "./jobs/replay.ts";

/** A copy of events that contains the reader, or that the reader requested. */
export type CopyOfReader = {
  readonly exportId: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly format: string;
  /** The reader's name in the copy, a pseudonym or the id; null if the copy does not contain the reader. */
  readonly containsReaderAs: string | null;
  readonly requestedByReader: boolean;
};

/** What is stored about a reader for copies of events; the replays without the files. */
export type StoredForReplay = {
  readonly pseudonym: string | null;
  readonly replays: readonly Omit<Replay, "analyst">[];
  readonly copies: readonly CopyOfReader[];
};

const pseudonymOf = {
  name: "stored-pseudonym",
  text: "SELECT pseudonym FROM replay_pseudonyms WHERE reader_id = $1",
};

const replaysOf = {
  name: "stored-replays",
  text: `SELECT ${replayColumns} FROM replays WHERE analyst = $1 ORDER BY created_at DESC, replay_id`,
};

/** Without the filters: they may name other readers. */
const copiesOf = {
  name: "stored-copies",
  text: `SELECT export_id AS "exportId", started_at AS "startedAt", finished_at AS "finishedAt", format,
                found.reader AS "containsReaderAs", requested_by = 'analyst ' || $1::text AS "requestedByReader"
         FROM replay_exports LEFT JOIN (
           SELECT export_id, reader FROM replay_export_readers
           WHERE reader = $1::text OR reader = (SELECT pseudonym FROM replay_pseudonyms WHERE reader_id = $1::text)
         ) AS found USING (export_id)
         WHERE found.reader IS NOT NULL OR requested_by = 'analyst ' || $1::text
         ORDER BY started_at DESC, export_id`,
};

/** The data about a reader in the tables of replays. */
export async function storedForReplay(pool: Pool, readerId: string): Promise<StoredForReplay> {
  const values = [readerId];
  const [pseudonyms, replays, copies] = await Promise.all([
    pool.query<{ pseudonym: string }>({ ...pseudonymOf, values }),
    pool.query<Replay>({ ...replaysOf, values }),
    pool.query<CopyOfReader>({ ...copiesOf, values }),
  ]);
  return {
    pseudonym: pseudonyms.rows[0]?.pseudonym ?? null,
    replays: replays.rows.map(({ analyst: _, ...replay }) => replay),
    copies: copies.rows,
  };
}
