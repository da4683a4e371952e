import { randomUUID } from "node:crypto";
import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import { dropEndedBuilds } from "../builds/dropEnded.ts";
import { followBuilds, type Running } from "../builds/followBuilds.ts";
import { whileLeased } from "../builds/lease.ts";
import { takeOverWhenReady } from "../builds/takeOver.ts";
import type { Build } from "../core/build.ts";
import { type ReadModel, subscribedCategories } from "../core/declaration.ts";
import { retrySkippedKeys } from "../parked/retrySkipped.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import type { Timing } from "../timing.ts";
import { openPartitionQueues } from "../transport/partitionQueues.ts";
import { dropOldQueues, dropQueues } from "../transport/queues.ts";
import { openSharedQueues } from "../transport/sharedQueues.ts";
import { listen, publish, type Signal } from "../transport/signals.ts";
import { dispatchBuild } from "./dispatchBuild.ts";
import { idleLinger, watchUtilisation } from "./lingering.ts";
import { shareSubscriptions } from "./sharedSubscription.ts";

/**
 * Dispatches the live builds, and those that are filled and catch up, side by side until closed; a build that fails, waits or
 * refuses holds up no other. Of several dispatchers one has the lease of a build, the others stand by.
 */
export function startDispatcher(dependencies: {
  readonly readModels: readonly ReadModel[];
  readonly store: ReadModelStore;
  readonly catalog: BuildCatalog;
  readonly codec: Codec;
  readonly eventStore: EventStore;
  /** For the queues. */
  readonly redis: Redis;
  /** For signals alone. */
  readonly subscriber: Redis;
  readonly logger: Logger;
  readonly timing: Timing;
}): Running {
  const { catalog, redis, subscriber, logger, timing, readModels } = dependencies;
  const stop = new AbortController();
  const holder = randomUUID();
  const shared = [...new Set(readModels.flatMap(subscribedCategories))];
  const subscribe = shareSubscriptions(dependencies.eventStore, { shared });
  const utilisation = watchUtilisation();
  const eventStore = { ...dependencies.eventStore, subscribe };
  const lingerIdle = () => idleLinger(utilisation(), timing.lingerIdle);
  const sharedQueues = openSharedQueues(redis, logger, timing);
  const listeners = new Set<{ build: string; listener: (signal: Signal) => void }>();
  const deliver = (signal: Signal & { readonly build: string }) => {
    for (const { build, listener } of listeners) if (build === signal.build) listener(signal);
  };
  listen(subscriber, "rewind", deliver);
  listen(subscriber, "advanced", deliver);

  const builds = followBuilds({
    catalog,
    readModels,
    wants: ({ state, filled }) => state === "live" || filled,
    start,
    everyMs: timing.buildsEvery,
    logger,
  });
  listen(subscriber, "builds", builds.refresh);
  const dropping = dropEndedBuilds({ ...dependencies, dropQueues: (build) => dropQueues(build, redis) }, stop.signal);

  const droppingOld = dropOldQueues(redis).then(
    (keys) => keys > 0 && logger.info({ keys }, "removed the queues of an older release"),
    (error: unknown) => logger.warn({ err: error }, "cannot find the queues of an older release"),
  );

  function start(build: Build): Running {
    const ended = new AbortController();
    const queues = openPartitionQueues(build, redis, logger, timing, sharedQueues);
    const onSignal = (listener: (signal: Signal) => void) => {
      const entry = { build: build.name, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    };
    const lease = { catalog, name: `dispatch ${build.name}`, holder, leaseMs: timing.lease, logger };
    const announce = (readModel: string) => publish(redis, { kind: "builds", readModel });
    const working = whileLeased(lease, ended.signal, async (held) => {
      await Promise.all([
        dispatchBuild({ ...dependencies, eventStore, queues, lingerIdle, onSignal, announce }, build, held),
        takeOverWhenReady({ ...dependencies, announce }, build, held),
        retrySkippedKeys(
          { ...dependencies, publish: (signal) => publish(redis, signal) },
          build,
          timing.retryRefused,
          held,
        ),
      ]);
    });
    return {
      async close() {
        ended.abort("the dispatcher leaves the build");
        await working;
        await queues.close();
      },
    };
  }

  return {
    async close() {
      stop.abort();
      await Promise.all([builds.close(), dropping, droppingOld]);
      await sharedQueues.close();
    },
  };
}
