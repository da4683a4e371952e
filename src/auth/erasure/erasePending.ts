import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { deleteOldMarks, type EraseReaderDependencies, eraseReader } from "./eraseReader.ts";
import { createFailedErasures, type FailedErasures } from "./failedErasures.ts";
import { isAnyoneMarked, readersToErase } from "./markErased.ts";

export type EraseDependencies = Omit<EraseReaderDependencies, "requireHeld">;

/** The maximum number of readers in one pass; processes that wait for the lock get it between passes. */
const atOnce = 100;

/** The name of the lock under which readers are erased, one process at a time; a scavenge begins under it too. */
export const erasureLock = "erasures";

/**
 * The number of readers erased, and of those that wait for a scavenge or for a failed step; undefined: another process
 * is erasing.
 */
export type ErasePass = { readonly erased: number; readonly waiting: number } | undefined;

/**
 * Erases the readers who are marked, if no other process does; those who failed before, when they are due. Rejects when Postgres does not
 * answer.
 */
export function erasePending(
  deps: EraseDependencies,
  failed: FailedErasures = createFailedErasures(),
): Promise<ErasePass> {
  const { pool, logger } = deps;
  return withAdvisoryLock(pool, erasureLock, async ({ requireHeld }) => {
    let erased = 0;
    const later = failed.waiting();
    const readers = await readersToErase(pool, atOnce, later);
    for (const readerId of readers) {
      requireHeld();
      try {
        if ((await eraseReader({ ...deps, requireHeld }, readerId)) === "erased") erased++;
        failed.delete(readerId);
      } catch (error) {
        requireHeld();
        const retryInMs = failed.add(readerId, error as Error);
        logger.warn({ err: error, readerId, retryInMs }, "cannot erase a reader; retrying later");
      }
    }
    if (erased > 0) logger.info({ erased }, "erased readers");
    await deleteOldMarks(deps);
    return { erased, waiting: later.length + readers.length - erased };
  });
}

/**
 * Erases readers as they are marked, and those left by a process that ended, until `close` is called. Several processes
 * may run it.
 */
export function startErasing(deps: EraseDependencies, lookEveryMs = 1_000): { close(): Promise<void> } {
  const failed = createFailedErasures();
  return repeatUntilClosed(
    // Usually no reader is marked; then the lock is not taken.
    async () => {
      if (!(await isAnyoneMarked(deps.pool))) return undefined;
      // After a full pass the next one starts without a pause.
      return (await erasePending(deps, failed))?.erased === atOnce ? "again" : undefined;
    },
    {
      everyMs: lookEveryMs,
      onFailure: (error) => deps.logger.warn({ err: error }, "cannot poll for readers to erase; retrying"),
    },
  );
}
