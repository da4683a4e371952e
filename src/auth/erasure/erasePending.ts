import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import type { Logger } from "../../platform/logger.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { deleteOldMarks, type EraseReaderDependencies, eraseReader } from "./eraseReader.ts";
import { isAnyoneMarked, readersToErase } from "./markErased.ts";

export type EraseDependencies = Omit<EraseReaderDependencies, "requireHeld"> & { readonly logger: Logger };

/** The maximum number of readers in one pass; processes that wait for the lock get it between passes. */
const atOnce = 100;

/** The name of the lock under which readers are erased, one process at a time; a scavenge begins under it too. */
export const erasureLock = "erasures";

/**
 * The number of readers erased, and of those that wait for a scavenge or for a failed step; undefined: another process
 * is erasing.
 */
export type ErasePass = { readonly erased: number; readonly waiting: number } | undefined;

/** Erases the readers who are marked, if no other process does. Rejects when Postgres does not answer. */
export function erasePending(deps: EraseDependencies): Promise<ErasePass> {
  const { pool, logger } = deps;
  return withAdvisoryLock(pool, erasureLock, async ({ requireHeld }) => {
    let erased = 0;
    const readers = await readersToErase(pool, atOnce);
    for (const readerId of readers) {
      requireHeld();
      try {
        if ((await eraseReader({ ...deps, requireHeld }, readerId)) === "erased") erased++;
      } catch (error) {
        requireHeld();
        logger.warn({ err: error }, "cannot erase a reader; retrying");
      }
    }
    if (erased > 0) logger.info({ erased }, "erased readers");
    await deleteOldMarks(deps);
    return { erased, waiting: readers.length - erased };
  });
}

/**
 * Erases readers as they are marked, and those left by a process that ended, until `close` is called. Several processes
 * may run it.
 */
export function startErasing(deps: EraseDependencies, lookEveryMs = 1_000): { close(): Promise<void> } {
  return repeatUntilClosed(
    // Usually no reader is marked; then the lock is not taken.
    async () => {
      if (!(await isAnyoneMarked(deps.pool))) return undefined;
      // After a full pass the next one starts without a pause.
      return (await erasePending(deps))?.erased === atOnce ? "again" : undefined;
    },
    {
      everyMs: lookEveryMs,
      onFailure: (error) => deps.logger.warn({ err: error }, "cannot poll for readers to erase; retrying"),
    },
  );
}
