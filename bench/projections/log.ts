import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent, NO_STREAM } from "@eventstore/db-client";
import { freshBookId } from "./bookIds.ts";

/** Events per append, all of one reader. */
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

/** Appends in flight at which due ones are shed: the client gives up an append that waits too long. */
const maxUnderWay = 256;

/**
 * Appends events of new readers at a rate, open loop, for a while: one by one up to 200 a second, above that in tens. Resolves with
 * how many were written, after the last one; fewer than requested if the event store does not keep up.
 */
export async function appendAtRate(eventStoreUrl: string, perSecond: number, forMs: number): Promise<number> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  const atOnce = perSecond > 200 ? 10 : 1;
  const underWay = new Set<Promise<unknown>>();
  let failure: unknown;
  let due = 0;
  let written = 0;
  const begun = performance.now();
  for (;;) {
    const elapsed = performance.now() - begun;
    const wanted = (Math.min(elapsed, forMs) * perSecond) / 1_000;
    for (; due + atOnce <= wanted; due += atOnce) {
      if (underWay.size >= maxUnderWay) continue;
      const events = Array.from({ length: atOnce }, () => shelved(freshBookId()));
      const append = client.appendToStream(`shelf-${randomUUID()}`, events, { expectedRevision: NO_STREAM }).then(
        () => {
          written += atOnce;
        },
        (error: unknown) => {
          failure ??= error;
        },
      );
      underWay.add(append);
      append.finally(() => underWay.delete(append));
    }
    if (elapsed >= forMs || failure !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(underWay);
  await client.dispose();
  if (failure !== undefined) throw failure;
  return written;
}
