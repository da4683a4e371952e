import { realpath } from "node:fs/promises";
import { hostname } from "node:os";
import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import { makeFolder } from "../../platform/makeFolder.ts";
import type { Pool } from "../../platform/postgres.ts";
import { ReplayRefused } from "../replayRefused.ts";

/**
 * Time for which an export waits for another one in its folder, in milliseconds: the server may still hold the lock of one that
 * was killed.
 */
const waitMs = 2_000;

/**
 * Runs work while no other export of this machine writes into the folder, which is made if it is missing. `lost` is aborted when that is not
 * certain any more. Rejects with ReplayRefused if one does.
 */
export async function withLockedFolder<Result>(
  pool: Pool,
  folder: string,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  await makeFolder(folder);
  const name = `export ${hostname()}:${await realpath(folder)}`;
  const done = await withAdvisoryLock(pool, name, async ({ lost }) => [await work(lost)] as const, waitMs);
  if (done === undefined) throw new ReplayRefused(`another export writes into ${folder}: wait until it has ended`);
  return done[0];
}
