import { streamsOfReader } from "../../domain/streams.ts";
import type { Pool } from "../../platform/postgres.ts";

/** A row: the stream as folded up to the event `eventId` at `revision`; `version` says who can read `body`. */
export type StoredSnapshot = {
  readonly stream: string;
  readonly version: string;
  readonly revision: bigint;
  readonly eventId: string;
  readonly body: string;
};

/** Where snapshots lie. All methods reject when it does not answer. */
export type SnapshotStore = {
  find(stream: string, version: string): Promise<Omit<StoredSnapshot, "stream" | "version"> | undefined>;
  /** Writes it unless there is one of this version that is newer, and says whether it did. */
  put(snapshot: StoredSnapshot): Promise<boolean>;
  /** Deletes the stream's snapshot: of this event alone if one is given. */
  delete(stream: string, of?: { readonly revision: bigint; readonly eventId: string }): Promise<void>;
};

/** The snapshots in Postgres, one a stream (migrations/009_stream_snapshots.sql). */
export function createSnapshotStore(pool: Pick<Pool, "query">): SnapshotStore {
  return {
    async find(stream, version) {
      const text = `SELECT revision, event_id AS "eventId", body FROM stream_snapshots
                    WHERE stream = $1 AND state_version = $2`;
      const { rows } = await pool.query<Omit<StoredSnapshot, "stream" | "version">>(text, [stream, version]);
      return rows[0];
    },
    async put({ stream, version, revision, eventId, body }) {
      // Of two versions that write in turn each one may overwrite the other: they cannot read each other's.
      const text = `INSERT INTO stream_snapshots AS kept (stream, state_version, revision, event_id, body)
                    VALUES ($1, $2, $3, $4, $5)
                    ON CONFLICT (stream) DO UPDATE
                    SET state_version = excluded.state_version, revision = excluded.revision,
                        event_id = excluded.event_id, body = excluded.body, saved_at = now()
                    WHERE kept.state_version <> excluded.state_version OR kept.revision < excluded.revision`;
      const { rowCount } = await pool.query(text, [stream, version, revision, eventId, body]);
      return rowCount === 1;
    },
    async delete(stream, of) {
      const text = `DELETE FROM stream_snapshots
                    WHERE stream = $1 AND ($2::int8 IS NULL OR (revision, event_id) = ($2, $3::text))`;
      await pool.query(text, [stream, of?.revision ?? null, of?.eventId ?? null]);
    },
  };
}

/**
 * Deletes the snapshots of all streams of a reader, and says how many there were. Call it after the streams were deleted: a process
 * that still has one in memory drops it with its next command on the stream, and until then may write one more.
 */
export async function deleteSnapshotsOfReader(pool: Pick<Pool, "query">, readerId: string): Promise<number> {
  const { rowCount } = await pool.query("DELETE FROM stream_snapshots WHERE stream = ANY($1)", [
    streamsOfReader(readerId),
  ]);
  return rowCount ?? 0;
}
