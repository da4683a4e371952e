import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { refreshHeat } from "./heatScores.ts";

/** The maximum lag of rankings and lists by heat, in milliseconds. */
export const heatRefreshMs = 30_000;

/**
 * Refreshes the heat of all books at once and then every `everyMs`, until closed. Failures are logged and retried the next
 * time.
 */
export function keepHeatRefreshed(options: {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly everyMs?: number;
}): { close(): Promise<void> } {
  const { pool, logger, everyMs = heatRefreshMs } = options;
  return repeatUntilClosed(() => refreshHeat(pool, new Date()), {
    everyMs,
    onFailure: (error) => logger.warn({ err: error }, "cannot refresh the heat; retrying"),
  });
}
