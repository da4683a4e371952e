import type { Logger } from "../../../platform/logger.ts";
import { backoff, pause, type Timing } from "../timing.ts";

/**
 * Adds a job to a queue, again and again until Redis has stored it; false when stopped before. `add` is called for each attempt, and may
 * leave out what nobody waits for any more. `where`: what the log says of the job.
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
