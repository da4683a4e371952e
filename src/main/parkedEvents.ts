import type { SkipParkedEventDependencies } from "../commands/operations/skipParkedEvent.ts";
import type { HandleCommand } from "../commands/types.ts";
import { createCodec } from "../event-store/codec.ts";
import type { EventStore } from "../event-store/types.ts";
import type { Logger } from "../platform/logger.ts";
import type { Pool } from "../platform/postgres.ts";
import type { Redis } from "../platform/redis.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import { createParkedEvents, type ParkedEvents } from "../projections/engine/parked/parkedEvents.ts";
import type { ReadModelStore } from "../projections/engine/ports/readModelStore.ts";
import { publish } from "../projections/engine/transport/signals.ts";
import { readModels } from "../projections/registry.ts";

/** The operations on parked events, for HTTP and the command line. */
export function parkedEventsOf(dependencies: {
  readonly pool: Pool;
  readonly store: ReadModelStore;
  readonly redis: Redis;
  readonly eventStore: EventStore;
  readonly handleCommand: HandleCommand;
  readonly logger: Logger;
  /** Whether a retry may crash this process: acceptable for the command line, not for an API. */
  readonly mayDie: boolean;
}): ParkedEvents & { readonly skip: SkipParkedEventDependencies } {
  const { pool, store, redis, eventStore, handleCommand, logger, mayDie } = dependencies;
  const parked = createParkedEvents({
    readModels,
    store,
    eventStore,
    logger,
    mayDie,
    catalog: createCatalog(pool),
    codec: createCodec(),
    publish: (signal) => publish(redis, signal),
  });
  return { ...parked, skip: { handleCommand, parkedEvent: parked.stateOf, retrySkipped: parked.retrySkipped } };
}
