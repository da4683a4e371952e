import { streamsOfReader } from "../../domain/streams.ts";
import type { Pool } from "../../platform/postgres.ts";

/** A row: the stream folded up to the event `eventId` at `revision`. `version` is that of the format of `body`. */
export type StoredSnapshot = {
  readonly stream: string;
  readonly version: string;
  readonly revision: bigint;
  readonly eventId: string;
  readonly body: string;
};

/** Storage of snapshots. All methods reject when it does not answer. */
export type SnapshotStore = {
  find(stream: string, version: string): Promise<Omit<StoredSnapshot, "stream" | "version"> | undefined>;
  /** Writes the snapshot unless a newer one of the same version is stored; resolves with whether it was written. */
  put(snapshot: StoredSnapshot): Promise<boolean>;
  /** Deletes the stream's snapshot; if an event is given, only the snapshot of that event. */
  delete(stream: string, of?: { readonly revision: bigint; readonly eventId: string }): Promise<void>;
};

/** Snapshots in Postgres, one per stream (migrations/009_stream_snapshots.sql). */
export function createSnapshotStore(pool: Pick<Pool, "query">): SnapshotStore {
  return {
    async find(stream, version) {
      const text = `SELECT revision, event_id AS "eventId", body FROM stream_snapshots
                    WHERE stream = $1 AND state_version = $2`;
      const { rows } = await pool.query<Omit<StoredSnapshot, "stream" | "version">>(text, [stream, version]);
      return rows[0];
    },
    async put({ stream, version, revision, eventId, body }) {
      // Two versions that write alternately overwrite each other's snapshots, which they cannot read.
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
 * Deletes the snapshots of all streams of a reader, and returns their number. Call it after the streams were deleted: a process
 * that has such a stream cached drops it with the next command on it, and until then may write one more snapshot.
 */
export async function deleteSnapshotsOfReader(pool: Pick<Pool, "query">, readerId: string): Promise<number> {
  const { rowCount } = await pool.query("DELETE FROM stream_snapshots WHERE stream = ANY($1)", [
    streamsOfReader(readerId),
  ]);
  return rowCount ?? 0;
}
