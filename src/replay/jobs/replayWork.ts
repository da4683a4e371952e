import type { Pool } from "../../platform/postgres.ts";
import { oneReplay, type Replay, replayColumns } from "./replay.ts";

/** Hours for which files are kept. */
export const keptHours = 24;

/** A start of a replay: the number tells it from those of other processes. */
type Started = Pick<Replay, "id" | "starts">;

export type ReplayWork = ReturnType<typeof replayWork>;

/** The operations of workers on replays. */
export function replayWork(pool: Pick<Pool, "query">) {
  return {
    /** Begins, or resumes after a process that ended; undefined if it has ended. */
    begin: (id: string) =>
      oneReplay(
        pool,
        `UPDATE replays SET state = 'running', starts = starts + 1, started_at = coalesce(started_at, now())
         WHERE replay_id = $1 AND state IN ('waiting', 'running') RETURNING ${replayColumns}`,
        [id],
      ),
    /** False if it does not run any more: it was cancelled. */
    async report(
      id: string,
      progress: {
        readonly events: number;
        readonly after: bigint | undefined;
        readonly position: bigint;
        readonly upTo: bigint;
      },
    ): Promise<boolean> {
      const { events, after, position, upTo } = progress;
      const { rowCount } = await pool.query(
        `UPDATE replays SET events = $2, after_position = $3, position = $4, up_to_position = $5
         WHERE replay_id = $1 AND state = 'running'`,
        [id, events, after ?? null, position, upTo],
      );
      return rowCount === 1;
    },
    /** False if it was cancelled meanwhile. */
    async finish(
      id: string,
      done: { readonly events: number; readonly bytes: number; readonly exportId: string; readonly upTo: bigint },
    ): Promise<boolean> {
      const { rowCount } = await pool.query(
        `UPDATE replays SET state = 'done', events = $2, bytes = $3, export_id = $4, position = $5, up_to_position = $5, error = NULL,
                finished_at = now(), expires_at = now() + make_interval(hours => ${keptHours})
         WHERE replay_id = $1 AND state = 'running'`,
        [id, done.events, done.bytes, done.exportId, done.upTo],
      );
      return rowCount === 1;
    },
    /** Returns whether it ended without files: it was cancelled, has failed or expired. */
    async isOver(id: string): Promise<boolean> {
      const { rowCount } = await pool.query(
        "SELECT FROM replays WHERE replay_id = $1 AND state IN ('cancelled', 'failed', 'expired')",
        [id],
      );
      return rowCount === 1;
    },
    /**
     * It is to be tried again: something is away that may come back. It counts as a start only when it was begun more than an hour ago.
     * Nothing changes if another process has begun it since: `starts` is the number of this start.
     */
    async postpone({ id, starts }: Started, error: string): Promise<void> {
      await pool.query(
        `UPDATE replays SET error = $2, starts = starts - CASE WHEN started_at > now() - interval '1 hour' THEN 1 ELSE 0 END
         WHERE replay_id = $1 AND state = 'running' AND starts = $3`,
        [id, error.slice(0, 500), starts],
      );
    },
    /** Its process ends: that does not count as a start, so that another may resume. See `postpone`. */
    async release({ id, starts }: Started): Promise<void> {
      await pool.query(
        "UPDATE replays SET starts = starts - 1 WHERE replay_id = $1 AND state = 'running' AND starts = $2",
        [id, starts],
      );
    },
    async fail(id: string, error: string): Promise<void> {
      await pool.query(
        "UPDATE replays SET state = 'failed', error = $2, finished_at = now() WHERE replay_id = $1 AND state IN ('waiting', 'running')",
        [id, error.slice(0, 500)],
      );
    },
    /** The replays that wait or run. */
    async unended(): Promise<readonly string[]> {
      const { rows } = await pool.query<{ id: string }>(
        "SELECT replay_id AS id FROM replays WHERE state IN ('waiting', 'running') AND NOT cleared ORDER BY created_at",
      );
      return rows.map(({ id }) => id);
    },
    /** Lets files go that are kept long enough, and those with a reader who was erased since. */
    async expire(): Promise<void> {
      await pool.query(
        `UPDATE replays SET state = 'expired' WHERE state = 'done' AND (expires_at < now() OR EXISTS (
           SELECT FROM replay_export_readers r WHERE r.export_id = replays.export_id AND r.erased_at IS NOT NULL))`,
      );
    },
    /** The replays that have ended and may have files. */
    async uncleared(): Promise<readonly string[]> {
      const { rows } = await pool.query<{ id: string }>(
        "SELECT replay_id AS id FROM replays WHERE NOT cleared AND state IN ('failed', 'cancelled', 'expired')",
      );
      return rows.map(({ id }) => id);
    },
    /** The files are gone: the copy is forgotten too, whose folder ends in the replay's id. */
    async markCleared(id: string): Promise<void> {
      await pool.query("DELETE FROM replay_exports WHERE place LIKE '%/' || $1", [id]);
      await pool.query("UPDATE replays SET cleared = true WHERE replay_id = $1", [id]);
    },
  };
}
