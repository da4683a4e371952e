import { type EraseStreamsDependencies, eraseStreams, recordErasure } from "../../commands/account/eraseStreams.ts";
import { deleteSnapshotsOfReader } from "../../commands/snapshots/snapshotStore.ts";
import type { Pool } from "../../platform/postgres.ts";
import { forgetPseudonym } from "../../replay/copies.ts";
import type { SessionKeys } from "../sessionKeys.ts";
import { markMinutes } from "./markErased.ts";

export type EraseReaderDependencies = EraseStreamsDependencies & {
  readonly pool: Pool;
  readonly sessionKeys: Pick<SessionKeys, "forget">;
  /** Resolves with whether a scavenge is running: until it ends, nothing may be deleted from the log. */
  readonly scavengeUnderWay: () => Promise<boolean>;
  /** Throws if this process has lost the lock, so that another one may be erasing. */
  readonly requireHeld: () => void;
};

type ForgetDependencies = Pick<EraseReaderDependencies, "pool" | "sessionKeys">;

type Step = { readonly name: string; run(): Promise<unknown> };

/**
 * The steps of erasing a marked reader, in order. Each is idempotent, so that after a crash the erasure starts again with the
 * first.
 */
export function erasureSteps(deps: EraseReaderDependencies, readerId: string): readonly Step[] {
  return [...stepsOutsideTheLog(deps, readerId), ...stepsInTheLog(deps, readerId)];
}

function stepsInTheLog(deps: EraseReaderDependencies, readerId: string): readonly Step[] {
  const { pool, requireHeld } = deps;
  return [
    { name: "streams", run: () => eraseStreams(deps, readerId, requireHeld) },
    { name: "snapshots", run: () => deleteSnapshotsOfReader(pool, readerId) },
    { name: "event", run: () => recordErasure(deps, readerId) },
    {
      name: "done",
      run: () =>
        pool.query("UPDATE accounts SET forgotten_at = coalesce(forgotten_at, now()) WHERE reader_id = $1", [readerId]),
    },
  ];
}

/** The steps that a scavenge need not wait for. A request in flight may undo any of them. */
function stepsOutsideTheLog({ pool, sessionKeys }: ForgetDependencies, readerId: string): readonly Step[] {
  const query = (text: string) => () => pool.query(text, [readerId]);
  return [
    { name: "profile", run: query("DELETE FROM profiles WHERE reader_id = $1") },
    { name: "logins", run: query("DELETE FROM refresh_families WHERE reader_id = $1") },
    { name: "session key", run: () => sessionKeys.forget(readerId) },
    { name: "uploads", run: query(forgetUploads) },
    { name: "replays", run: query(forgetReplays) },
    { name: "pseudonym", run: () => forgetPseudonym(pool, readerId) },
  ];
}

/** The books of an upload belong to the library and stay; a pending upload is still imported. */
const forgetUploads = `UPDATE library_imports SET requested_by = 'erased', file_name = 'erased' WHERE requested_by = $1::text`;

/** An analyst's requests are kept for the audit, without the name; running ones are cancelled and files deleted. */
const forgetReplays = `UPDATE replays SET analyst = 'erased',
    state = CASE WHEN state IN ('waiting', 'running') THEN 'cancelled' WHEN state = 'done' THEN 'expired' ELSE state END
  WHERE analyst = $1::text`;

/**
 * Erases a reader whose account is marked. During a scavenge only the steps outside the log are done and the result is
 * `scavenging`: the other steps are done later. Rejects when a store does not answer, or as HandleCommand does.
 */
export async function eraseReader(deps: EraseReaderDependencies, readerId: string): Promise<"erased" | "scavenging"> {
  for (const { run } of stepsOutsideTheLog(deps, readerId)) await run();
  if (await deps.scavengeUnderWay()) return "scavenging";
  for (const { run } of stepsInTheLog(deps, readerId)) {
    deps.requireHeld();
    await run();
  }
  return "erased";
}

/**
 * Deletes the marks that no valid token needs any more, and the data that requests in flight have written since.
 * Returns the number of marks.
 */
export async function deleteOldMarks(deps: ForgetDependencies): Promise<number> {
  const { pool } = deps;
  const { rows } = await pool.query<{ reader_id: string }>(
    `SELECT reader_id FROM accounts WHERE erased_at IS NOT NULL AND forgotten_at < now() - make_interval(mins => $1)`,
    [markMinutes],
  );
  for (const { reader_id } of rows) {
    for (const { run } of stepsOutsideTheLog(deps, reader_id)) await run();
    await deleteSnapshotsOfReader(pool, reader_id);
    await pool.query("DELETE FROM accounts WHERE reader_id = $1 AND forgotten_at IS NOT NULL", [reader_id]);
  }
  return rows.length;
}
