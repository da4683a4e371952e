import type { Logger } from "../../../platform/logger.ts";
import type { BuildRef } from "../core/build.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { pause, type Timing } from "../timing.ts";

/** Drops what retired and failed builds own, of every read model and version, until stopped. Never rejects. */
export async function dropEndedBuilds(
  dependencies: {
    readonly store: Pick<ReadModelStore, "drop">;
    readonly catalog: Pick<BuildCatalog, "list" | "markDropped">;
    readonly dropQueues: (build: BuildRef) => Promise<void>;
    readonly logger: Logger;
    readonly timing: Pick<Timing, "buildsEvery" | "dropAfter">;
  },
  stop: AbortSignal,
): Promise<void> {
  const { store, catalog, dropQueues, logger, timing } = dependencies;
  const endedSince = new Map<string, number>();
  const dropOne = async (build: BuildRef) => {
    const since = endedSince.get(build.name) ?? performance.now();
    endedSince.set(build.name, since);
    if (performance.now() - since < timing.dropAfter) return;
    await dropQueues(build);
    await store.drop(build);
    await catalog.markDropped(build);
    endedSince.delete(build.name);
    logger.info({ build: build.name }, "dropped an ended build");
  };
  const warn = (error: unknown) => logger.warn({ err: error }, "cannot drop an ended build; retrying");
  while (!stop.aborted) {
    const builds = await catalog.list().catch((error: unknown) => {
      warn(error);
      return [];
    });
    for (const build of builds) {
      if (!build.dropped && (build.state === "retired" || build.state === "failed")) await dropOne(build).catch(warn);
    }
    await pause(timing.buildsEvery, stop);
  }
}
