import { randomUUID } from "node:crypto";
import type { DomainEvent } from "../../../src/domain/event.ts";
import type { HeimaEvent } from "../../../src/domain/events.ts";
import type { EventStore, ExpectedRevision } from "../../../src/event-store/types.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { startDispatcher } from "../../../src/projections/engine/dispatch/startDispatcher.ts";
import { startWorkers } from "../../../src/projections/engine/workers/startWorkers.ts";
import { redisUrl } from "../../support/redis.ts";
import { codec, logger, quick } from "../fixtures.ts";
import type { Store } from "../store.ts";

/** A Redis and, on it, dispatchers and workers as the processes run them; `close` stops everything that was started. */
export async function engineOn(store: Store, readModels: readonly ReadModel[]) {
  const url = await redisUrl();
  const connections: Redis[] = [];
  const connect = (blocking: boolean) => {
    const redis = connectRedis({ url, blocking, logger });
    connections.push(redis);
    return redis;
  };
  const running = new Set<{ close(): Promise<void> }>();
  const close = async () => {
    await Promise.all([...running].map((engine) => engine.close()));
    for (const redis of connections) redis.disconnect();
  };
  /** One dispatcher and one worker that read this log, until they are closed. */
  const start = (eventStore: EventStore) => {
    const { catalog } = store;
    const own = { readModels, store: store.store, catalog, codec, eventStore, logger, timing: quick };
    const dispatcher = startDispatcher({ ...own, redis: connect(false), subscriber: connect(true) });
    const workers = startWorkers({ ...own, redis: connect(true), subscriber: connect(true) });
    const engine = {
      async close() {
        running.delete(engine);
        await Promise.all([dispatcher.close(), workers.close()]);
      },
    };
    running.add(engine);
    return engine;
  };
  return { start, close, url };
}

/** Writes one event; of a type that the domain does not have too. */
export function append(
  eventStore: EventStore,
  stream: string,
  expected: ExpectedRevision,
  event: HeimaEvent | DomainEvent,
) {
  const id = randomUUID();
  const own = { commandId: id, commandHash: "0".repeat(64), correlationId: id, causationId: id };
  const metadata = { ...own, schemaVersion: 1, occurredAt: new Date().toISOString() };
  return eventStore.append(stream, expected, [{ id, type: event.type, data: event.data, metadata }]);
}

/** Adds books of these ids to the shelf of a reader who has none; returns the positions of the events. */
export async function shelve(eventStore: EventStore, reader: string, ...books: string[]): Promise<bigint[]> {
  const positions: bigint[] = [];
  for (const [index, bookId] of books.entries()) {
    const event = { type: "BookAddedToShelf", data: { bookId } } as const;
    const expected = index === 0 ? "no_stream" : BigInt(index - 1);
    positions.push((await append(eventStore, `shelf-${reader}`, expected, event)).position);
  }
  return positions;
}
