import { randomUUID } from "node:crypto";
import type { EventDefinitions } from "../../src/domain/event.ts";
import { allEvents, type HeimaEvent } from "../../src/domain/events.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { memoryEventStore } from "../support/memoryEventStore.ts";

/** A stream and an event of it. */
export type Logged = readonly [stream: string, event: HeimaEvent];

/** Appends the events one by one, in their order; data that violates the schema is appended too. */
export async function append(store: EventStore, events: readonly Logged[]): Promise<void> {
  for (const [stream, { type, data }] of events) {
    const id = randomUUID();
    let last: bigint | undefined;
    for await (const { revision } of store.readStream(stream)) last = revision;
    const metadata = {
      commandId: id,
      commandHash: "0".repeat(64),
      correlationId: id,
      causationId: id,
      schemaVersion: (allEvents as EventDefinitions)[type]?.version ?? 1,
      occurredAt: "2026-01-01T00:00:00.000Z",
    };
    await store.append(stream, last ?? "no_stream", [{ id, type, data, metadata }]);
  }
}

/** A log in memory with these events. */
export async function logOf(events: readonly Logged[]) {
  const store = memoryEventStore();
  await append(store, events);
  return store;
}

/** An entry of reading that lasted this many seconds. */
export const read = (
  reader: string,
  bookId: string,
  { seconds = 60, chapterNo = 1, readAt = "2026-01-01T00:00:00.000Z" } = {},
): Logged => [
  `progress-${reader}`,
  {
    type: "ReadingProgressed",
    data: {
      entryId: randomUUID(),
      bookId,
      chapterId: "chapter00001",
      chapterNo,
      offset: 0,
      readAt,
      activeSeconds: seconds,
      deviceId: "phone",
    },
  },
];
