import type { Logger } from "../../../platform/logger.ts";
import type { Build } from "../core/build.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";

export type ReplaceLostDependencies = {
  readonly store: Pick<ReadModelStore, "isLost">;
  readonly catalog: Pick<BuildCatalog, "replace">;
  readonly logger: Logger;
  /** Notifies other processes that the builds of the read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

/**
 * If the store's error means that a build lost what it owned, ends the build and adds a new one (rule 23); returns whether it
 * did. A lost index is never recreated under its name, because processes may still write their data to it.
 */
export async function replaceLost(
  { store, catalog, logger, announce }: ReplaceLostDependencies,
  build: Build,
  error: unknown,
): Promise<boolean> {
  if (!store.isLost(error)) return false;
  const replaced = await catalog.replace(build, (error as Error).message);
  if (replaced !== undefined) {
    logger.error(
      { err: error, build: build.name, added: replaced.added?.name },
      "a build lost its tables, its index or its parked events; ended it",
    );
    await announce(build.readModel.name);
  }
  return true;
}
