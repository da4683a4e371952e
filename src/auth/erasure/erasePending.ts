import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import type { Logger } from "../../platform/logger.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { deleteOldMarks, type EraseReaderDeps, eraseReader } from "./eraseReader.ts";
import { isAnyoneMarked, readersToErase } from "./markErased.ts";

export type EraseDeps = Omit<EraseReaderDeps, "requireHeld"> & { readonly logger: Logger };

/** Readers of one pass; whoever waits for the lock gets it in between. */
const atOnce = 100;

/** The name of the lock under which readers are erased, one process at a time; a scavenge begins under it too. */
export const erasureLock = "erasures";

/** How many readers were erased, and how many wait for a scavenge or for what failed; undefined: another process is at it. */
export type ErasePass = { readonly erased: number; readonly waiting: number } | undefined;

/** Erases the readers who are marked, if no other process does. Rejects when Postgres does not answer. */
export function erasePending(deps: EraseDeps): Promise<ErasePass> {
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
 * Erases readers as they are marked, and those whom a process that ended has left, until `close` is called. Several processes
 * may do so.
 */
export function startErasing(deps: EraseDeps, lookEveryMs = 1_000): { close(): Promise<void> } {
  return repeatUntilClosed(
    // Mostly there is nobody: then the lock is not asked for.
    async () => {
      if (!(await isAnyoneMarked(deps.pool))) return undefined;
      // Before there is more to do at once, nobody waits.
      return (await erasePending(deps))?.erased === atOnce ? "again" : undefined;
    },
    {
      everyMs: lookEveryMs,
      onFailure: (error) => deps.logger.warn({ err: error }, "cannot poll for readers to erase; retrying"),
    },
  );
}
