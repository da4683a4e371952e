import type { EventStore } from "../../../src/event-store/types.ts";
import { connectRedis } from "../../../src/platform/redis.ts";
import { ensureBuilds } from "../../../src/projections/engine/builds/ensureBuilds.ts";
import type { FillLimits } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { startDispatcher } from "../../../src/projections/engine/dispatch/startDispatcher.ts";
import type { BuildCatalog } from "../../../src/projections/engine/ports/buildCatalog.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { startWorkers } from "../../../src/projections/engine/workers/startWorkers.ts";
import { codec, logger, quick } from "../fixtures.ts";

export type Surroundings = {
  readonly store: ReadModelStore;
  readonly catalog: BuildCatalog;
  readonly eventStore: EventStore;
  readonly redisUrl: string;
};

/** The dispatcher of a release as in its process, with its own connections. */
export async function runDispatcher(around: Surroundings, readModels: readonly ReadModel[], partitions = 3) {
  const { store, catalog, eventStore, redisUrl: url } = around;
  const redis = connectRedis({ url, blocking: false, logger });
  const subscriber = connectRedis({ url, blocking: true, logger });
  await ensureBuilds(catalog, readModels, partitions, logger);
  const dispatcher = startDispatcher({
    readModels,
    store,
    catalog,
    codec,
    eventStore,
    redis,
    subscriber,
    logger,
    timing: quick,
  });
  return {
    async close() {
      await dispatcher.close();
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}

/** The worker of a release. */
export function runWorker(around: Surroundings, readModels: readonly ReadModel[], limits?: FillLimits) {
  const { store, catalog, eventStore, redisUrl: url } = around;
  const redis = connectRedis({ url, blocking: true, logger });
  const subscriber = connectRedis({ url, blocking: true, logger });
  const workers = startWorkers({
    readModels,
    store,
    catalog,
    codec,
    eventStore,
    redis,
    subscriber,
    logger,
    timing: quick,
    ...(limits && { limits }),
  });
  return {
    async close() {
      await workers.close();
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
