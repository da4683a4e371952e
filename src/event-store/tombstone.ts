import type { EventStoreDBClient } from "@eventstore/db-client";
import { appendDeadlineMs } from "./appendTimes.ts";
import { appendError } from "./clientErrors.ts";
import type { ExpectedRevision } from "./types.ts";

/** See `EventStore.tombstone`. */
export async function tombstone(client: EventStoreDBClient, stream: string, expected: ExpectedRevision): Promise<void> {
  try {
    await client.tombstoneStream(stream, {
      expectedRevision: expected,
      deadline: appendDeadlineMs,
      requiresLeader: true,
    });
  } catch (error) {
    throw appendError(stream, error);
  }
}
