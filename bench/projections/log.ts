import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent, NO_STREAM } from "@eventstore/db-client";
import { freshBookId } from "./bookIds.ts";

/** Events of one append, all of one reader. */
const eventsOfReader = 20;

export const shelved = (bookId: string) => {
  const commandId = randomUUID();
  return jsonEvent({
    type: "BookAddedToShelf",
    data: { bookId },
    metadata: {
      commandId,
      commandHash: "0".repeat(64),
      correlationId: commandId,
      causationId: commandId,
      schemaVersion: 1,
      occurredAt: new Date().toISOString(),
    },
  });
};

/** Appends `count` events of readers that shelve 20 books each. */
export async function fillLog(eventStoreUrl: string, count: number): Promise<void> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  let left = count;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (left > 0) {
        const events = Math.min(eventsOfReader, left);
        left -= events;
        await client.appendToStream(
          `shelf-${randomUUID()}`,
          Array.from({ length: events }, () => shelved(freshBookId())),
          { expectedRevision: NO_STREAM },
        );
      }
    }),
  );
  await client.dispose();
}

/** Appends single events of new readers at a rate, open loop, for a while. Resolves with how many, when all are written. */
export async function appendAtRate(eventStoreUrl: string, perSecond: number, forMs: number): Promise<number> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  const begun = performance.now();
  const appends: Promise<unknown>[] = [];
  for (;;) {
    const elapsed = performance.now() - begun;
    const due = Math.floor((Math.min(elapsed, forMs) * perSecond) / 1_000);
    while (appends.length < due) {
      const stream = `shelf-${randomUUID()}`;
      appends.push(client.appendToStream(stream, shelved(freshBookId()), { expectedRevision: NO_STREAM }));
    }
    if (elapsed >= forMs) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(appends);
  await client.dispose();
  return appends.length;
}
