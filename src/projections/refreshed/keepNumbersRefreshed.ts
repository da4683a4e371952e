import { withAdvisoryLock } from "../../platform/advisoryLock.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Pool } from "../../platform/postgres.ts";
import { repeatUntilClosed } from "../../platform/repeatUntilClosed.ts";
import type { Build } from "../engine/core/build.ts";
import type { ReadModel } from "../engine/core/declaration.ts";
import type { BuildCatalog } from "../engine/ports/buildCatalog.ts";
import { heatRefreshMs } from "./keepHeatRefreshed.ts";

/** The lock by which workers take turns. */
const lock = "numbers in documents";

/**
 * Refreshes the numbers in the documents of all live builds at once and then every `everyMs`, until closed. One process at a
 * time does it. Failures are logged and retried the next time.
 */
export function keepNumbersRefreshed(options: {
  readonly pool: Pool;
  readonly catalog: Pick<BuildCatalog, "buildsOf">;
  readonly readModels: readonly ReadModel[];
  readonly refreshNumbers: (build: Build) => Promise<number>;
  readonly logger: Logger;
  readonly everyMs?: number;
}): { close(): Promise<void> } {
  const { pool, catalog, readModels, refreshNumbers, logger, everyMs = heatRefreshMs } = options;
  const indexed = readModels.filter(({ index }) => (index?.numbers ?? []).length > 0);

  const refreshAll = async (): Promise<void> => {
    for (const readModel of indexed) {
      for (const { build, state, filled } of await catalog.buildsOf(readModel)) {
        if (state !== "live" && !filled) continue;
        const written = await refreshNumbers(build);
        if (written > 0) logger.debug({ build: build.name, written }, "refreshed numbers in documents");
      }
    }
  };
  return repeatUntilClosed(() => withAdvisoryLock(pool, lock, refreshAll), {
    everyMs,
    onFailure: (error) => logger.warn({ err: error }, "cannot refresh the numbers in documents; retrying"),
  });
}
