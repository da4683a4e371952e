import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import { refreshHeat } from "./heatScores.ts";

/** Rankings and lists by heat may be older than the last events by so many milliseconds. */
export const heatRefreshMs = 30_000;

/** Refreshes the heat of all books at once and then every `everyMs`, until closed. A failure is logged, and the next one tries again. */
export function keepHeatRefreshed(options: {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly everyMs?: number;
}): { close(): Promise<void> } {
  const { pool, logger, everyMs = heatRefreshMs } = options;
  return repeatUntilClosed(() => refreshHeat(pool, new Date()), {
    everyMs,
    onFailure: (error) => logger.warn({ err: error }, "heat not refreshed"),
  });
}
