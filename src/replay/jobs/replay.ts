import type { Pool } from "../../platform/postgres.ts";
import type { ExportFormat } from "../export/manifest.ts";

/** The request of an analyst. Moments are texts as of `parseMoment`; empty lists are no limit. */
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

/** The columns of a row of `replays`, as a `Replay` has them. */
export const replayColumns = `replay_id AS id, analyst, request, state, starts, events, after_position AS after, position,
  up_to_position AS "upTo", bytes, export_id AS "exportId", error, downloads, created_at AS "createdAt",
  started_at AS "startedAt", finished_at AS "finishedAt", expires_at AS "expiresAt"`;

/** The first row that a statement answers, if there is one. */
export async function oneReplay(
  pool: Pick<Pool, "query">,
  text: string,
  values: readonly unknown[],
): Promise<Replay | undefined> {
  return (await pool.query<Replay>(text, [...values])).rows[0];
}
