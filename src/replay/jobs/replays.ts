import type { Pool } from "../../platform/postgres.ts";
import type { ExportFormat } from "../export/manifest.ts";

/** What an analyst asked for. Moments are texts as of `parseMoment`; empty lists are no limit. */
export type ReplayRequest = {
  readonly from: string | null;
  readonly to: string | null;
  readonly types: readonly string[];
  readonly bookIds: readonly string[];
  readonly format: ExportFormat;
};

export type ReplayState = "waiting" | "running" | "done" | "failed" | "cancelled" | "expired";

export type Replay = {
  readonly id: string;
  readonly analyst: string;
  readonly request: ReplayRequest;
  readonly state: ReplayState;
  readonly starts: number;
  readonly events: bigint;
  readonly after: bigint | null;
  readonly position: bigint | null;
  readonly upTo: bigint | null;
  readonly bytes: bigint | null;
  readonly exportId: string | null;
  readonly error: string | null;
  readonly downloads: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date | null;
};

const columns = `replay_id AS id, analyst, request, state, starts, events, after_position AS after, position,
  up_to_position AS "upTo", bytes, export_id AS "exportId", error, downloads, created_at AS "createdAt",
  started_at AS "startedAt", finished_at AS "finishedAt", expires_at AS "expiresAt"`;

/** How many replays may wait or run: of one analyst, and of all. */
export const mostOfOne = 2;
export const mostReplays = 20;

/** Hours for which files are kept. */
export const keptHours = 24;

/** Where a list of replays goes on: after this one. */
export type ReplayPlace = { readonly createdAt: string; readonly id: string };

/** The replays in Postgres, which say what is to be done; jobs in Redis only say it sooner. */
export function createReplays(pool: Pick<Pool, "query">) {
  const one = async (text: string, values: readonly unknown[]): Promise<Replay | undefined> =>
    (await pool.query<Replay>(text, [...values])).rows[0];

  return {
    /** Undefined when too many are under way. Two that come at once may both be the last. */
    add: (id: string, analyst: string, request: ReplayRequest) =>
      one(
        `INSERT INTO replays (replay_id, analyst, request, state) SELECT $1, $2, $3, 'waiting'
         WHERE (SELECT count(*) FROM replays WHERE state IN ('waiting', 'running')) < ${mostReplays}
           AND (SELECT count(*) FROM replays WHERE state IN ('waiting', 'running') AND analyst = $2) < ${mostOfOne}
         RETURNING ${columns}`,
        [id, analyst, JSON.stringify(request)],
      ),
    find: (id: string, analyst: string) =>
      one(`SELECT ${columns} FROM replays WHERE replay_id = $1 AND analyst = $2`, [id, analyst]),
    /** An analyst's, the newest first. */
    async list(analyst: string, limit: number, after: ReplayPlace | null): Promise<readonly Replay[]> {
      const { rows } = await pool.query<Replay>(
        `SELECT ${columns} FROM replays
         WHERE analyst = $1 AND ($3::timestamptz IS NULL OR (date_trunc('milliseconds', created_at), replay_id) < ($3, $4::uuid))
         ORDER BY date_trunc('milliseconds', created_at) DESC, replay_id DESC LIMIT $2`,
        [analyst, limit, after?.createdAt ?? null, after?.id ?? null],
      );
      return rows;
    },
    /** Ends what waits or runs, and lets the files of what is done go. The replay then; undefined if there is none. */
    cancel: (id: string, analyst: string) =>
      one(
        `UPDATE replays SET finished_at = coalesce(finished_at, now()),
                state = CASE WHEN state IN ('waiting', 'running') THEN 'cancelled' WHEN state = 'done' THEN 'expired' ELSE state END
         WHERE replay_id = $1 AND analyst = $2 RETURNING ${columns}`,
        [id, analyst],
      ),
    async countDownload(id: string): Promise<void> {
      await pool.query("UPDATE replays SET downloads = downloads + 1 WHERE replay_id = $1", [id]);
    },
    /** Begins, or goes on after a process that ended; undefined if it is over. */
    begin: (id: string) =>
      one(
        `UPDATE replays SET state = 'running', starts = starts + 1, started_at = coalesce(started_at, now())
         WHERE replay_id = $1 AND state IN ('waiting', 'running') RETURNING ${columns}`,
        [id],
      ),
    /** False if the replay is over: it was cancelled. */
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
        `UPDATE replays SET state = 'done', events = $2, bytes = $3, export_id = $4, position = $5, up_to_position = $5,
                finished_at = now(), expires_at = now() + make_interval(hours => ${keptHours})
         WHERE replay_id = $1 AND state = 'running'`,
        [id, done.events, done.bytes, done.exportId, done.upTo],
      );
      return rowCount === 1;
    },
    async fail(id: string, error: string): Promise<void> {
      await pool.query(
        "UPDATE replays SET state = 'failed', error = $2, finished_at = now() WHERE replay_id = $1 AND state IN ('waiting', 'running')",
        [id, error.slice(0, 500)],
      );
    },
    /** What waits or runs. */
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
    /** What is over and still has files. */
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
export type Replays = ReturnType<typeof createReplays>;
