import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Pool } from "../../../platform/postgres.ts";
import type { Redis } from "../../../platform/redis.ts";
import type { Build } from "../build.ts";
import { listen, type Signal } from "../signals.ts";
import type { Timing } from "../timing.ts";
import { dispatchBuild } from "./dispatchBuild.ts";
import { openPartitionQueues } from "./partitionQueues.ts";

/** Dispatches all builds side by side until closed; a build that fails, waits or refuses holds up no other. */
export function startDispatcher(
  dependencies: {
    readonly pool: Pool;
    readonly eventStore: EventStore;
    /** For the queues. */
    readonly redis: Redis;
    /** For signals alone. */
    readonly subscriber: Redis;
    readonly logger: Logger;
    readonly timing: Timing;
  },
  builds: readonly Build[],
): { close(): Promise<void> } {
  const { redis, subscriber, logger, timing } = dependencies;
  const stop = new AbortController();
  const listeners = new Set<{ build: string; listener: (signal: Signal) => void }>();
  const deliver = (signal: Signal) => {
    for (const { build, listener } of listeners) if (build === signal.build) listener(signal);
  };
  listen(subscriber, "rewind", deliver);
  listen(subscriber, "advanced", deliver);

  const running = builds.map(async (build) => {
    const queues = openPartitionQueues(build, redis, logger, timing);
    const onSignal = (listener: (signal: Signal) => void) => {
      const entry = { build: build.schema, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    };
    await dispatchBuild({ ...dependencies, queues, onSignal }, build, stop.signal);
    await queues.close();
  });

  return {
    async close() {
      stop.abort("the dispatcher is stopping");
      await Promise.all(running);
    },
  };
}
