import type { Logger } from "../../../platform/logger.ts";
import type { ReadModel } from "../core/declaration.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";

/**
 * Adds a build for every read model that has none of its current version. Retries for ever while the catalog is down; any other
 * error ends the process, because a declaration that does not match its builds is not fixed by waiting.
 */
export async function ensureBuilds(
  catalog: Pick<BuildCatalog, "add" | "isAway">,
  readModels: readonly ReadModel[],
  partitions: number,
  logger: Logger,
): Promise<void> {
  for (;;) {
    try {
      for (const readModel of readModels) {
        const added = await catalog.add(readModel, partitions, { unless: ["building", "live"] });
        if (added !== undefined) logger.info({ build: added.name, partitions }, "added a build");
      }
      return;
    } catch (error) {
      if (!catalog.isAway(error)) throw error;
      logger.warn({ err: error }, "cannot read the catalog of builds; retrying");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
