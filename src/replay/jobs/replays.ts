import type { Pool } from "../../platform/postgres.ts";
import { oneReplay, type Replay, type ReplayRequest, replayColumns } from "./replay.ts";
import { replayWork } from "./replayWork.ts";

/** The maximum number of replays that wait or run: of one analyst, and of all. */
export const maxReplaysOfAnalyst = 2;
export const maxReplays = 20;

/** The place from which a list of replays continues: after this one. */
export type ReplayPlace = { readonly createdAt: string; readonly id: string };

/** The replays in Postgres, which say what is to be done; jobs in Redis only say it sooner. */
export const createReplays = (pool: Pick<Pool, "query">) => ({ ...askedReplays(pool), ...replayWork(pool) });

export type Replays = ReturnType<typeof createReplays>;

/** The operations of analysts on replays. */
function askedReplays(pool: Pick<Pool, "query">) {
  return {
    /**
     * Undefined when too many are under way; two that come at once may both be the last. `account_gone` if the analyst was erased in
     * the meantime; `loggedIn`: an account must be there, unlike with a development token.
     */
    async add(
      id: string,
      { analyst, loggedIn }: { readonly analyst: string; readonly loggedIn: boolean },
      request: ReplayRequest,
    ): Promise<Replay | "account_gone" | undefined> {
      const { rows } = await pool.query<{ isThere: boolean } & (Replay | { id: null })>(
        `WITH account AS (SELECT erased_at FROM accounts WHERE reader_id = $2::uuid FOR SHARE),
              allowed AS (SELECT coalesce((SELECT erased_at IS NULL FROM account), NOT $4::boolean) AS is_there),
              added AS (
                INSERT INTO replays (replay_id, analyst, request, state) SELECT $1, $2::uuid::text, $3, 'waiting' FROM allowed
                WHERE is_there
                  AND (SELECT count(*) FROM replays WHERE state IN ('waiting', 'running')) < ${maxReplays}
                  AND (SELECT count(*) FROM replays
                       WHERE state IN ('waiting', 'running') AND analyst = $2::uuid::text) < ${maxReplaysOfAnalyst}
                RETURNING ${replayColumns})
         SELECT added.*, is_there AS "isThere" FROM allowed LEFT JOIN added ON true`,
        [id, analyst, JSON.stringify(request), loggedIn],
      );
      const { isThere, ...added } = rows[0] ?? { isThere: false, id: null };
      if (!isThere) return "account_gone";
      return added.id === null ? undefined : added;
    },
    find: (id: string, analyst: string) =>
      oneReplay(pool, `SELECT ${replayColumns} FROM replays WHERE replay_id = $1 AND analyst = $2`, [id, analyst]),
    /** An analyst's, the newest first. */
    async list(analyst: string, limit: number, after: ReplayPlace | null): Promise<readonly Replay[]> {
      const { rows } = await pool.query<Replay>(
        `SELECT ${replayColumns} FROM replays
         WHERE analyst = $1 AND ($3::timestamptz IS NULL OR (date_trunc('milliseconds', created_at), replay_id) < ($3, $4::uuid))
         ORDER BY date_trunc('milliseconds', created_at) DESC, replay_id DESC LIMIT $2`,
        [analyst, limit, after?.createdAt ?? null, after?.id ?? null],
      );
      return rows;
    },
    /** Ends what waits or runs, and lets the files of what is done go. The replay then; undefined if there is none. */
    cancel: (id: string, analyst: string) =>
      oneReplay(
        pool,
        `UPDATE replays SET finished_at = coalesce(finished_at, now()),
                state = CASE WHEN state IN ('waiting', 'running') THEN 'cancelled' WHEN state = 'done' THEN 'expired' ELSE state END
         WHERE replay_id = $1 AND analyst = $2 RETURNING ${replayColumns}`,
        [id, analyst],
      ),
    async countDownload(id: string): Promise<void> {
      await pool.query("UPDATE replays SET downloads = downloads + 1 WHERE replay_id = $1", [id]);
    },
  };
}
