import type { Client } from "../../platform/postgres.ts";
import { pauseAfter } from "../../platform/repeatUntilClosed.ts";
import type { BuildRef } from "../engine/core/build.ts";
import { nameInSql } from "./buildStates.ts";

const pauses = { everyMs: 10_000, longestMs: 3_600_000 } as const;
/** A build that is replaced later than this after its beginning, in ms, has lasted: what ended it is not what ended those before. */
const lasts = 3_600_000;

/**
 * For how long a build waits, in ms, after that many replacements in a row: the first one does not; then ten seconds, doubling, an hour
 * at most. What ends each build at once would otherwise add others without end.
 */
export function delayOf(replacements: number): number {
  return replacements < 2 ? 0 : pauseAfter(replacements - 1, pauses);
}

/** When the fill of a build may begin. */
export function beginningOf(row: { readonly created_at: Date; readonly replacements: number }): Date {
  return new Date(row.created_at.getTime() + delayOf(row.replacements));
}

/** The number of replacements in a row with that of this build, which has ended in the client's transaction. */
export async function countReplacements(client: Client, build: BuildRef): Promise<number> {
  const found = await client.query<{ created_at: Date; replacements: number; now: Date }>(
    `SELECT created_at, replacements, now() FROM projections.builds WHERE ${nameInSql()} = $1`,
    [build.name],
  );
  const [row] = found.rows;
  if (row === undefined || row.now.getTime() > beginningOf(row).getTime() + lasts) return 1;
  return row.replacements + 1;
}
