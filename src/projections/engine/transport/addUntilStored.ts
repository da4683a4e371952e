import type { Logger } from "../../../platform/logger.ts";
import { backoff, pause, type Timing } from "../timing.ts";

/**
 * Adds a job to a queue and retries until Redis has stored it; resolves with false when stopped before. `add` is called
 * for each attempt, and may leave out batches that are no longer needed. `where`: the fields that identify the job in
 * the log.
 */
export async function addUntilStored(
  add: () => Promise<unknown>,
  { logger, timing, where }: { readonly logger: Logger; readonly timing: Timing; readonly where: object },
  stop: AbortSignal,
): Promise<boolean> {
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      await add();
      return true;
    } catch (error) {
      logger.warn({ err: error, ...where, attempt }, "Redis did not store a job; retrying");
      await pause(backoff(timing, attempt), stop);
    }
  }
  return false;
}
