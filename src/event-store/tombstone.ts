import type { EventStoreDBClient } from "@eventstore/db-client";
import { appendDeadlineMs } from "./appendTimes.ts";
import { appendError } from "./clientErrors.ts";
import type { ExpectedRevision } from "./types.ts";
import { withinTime } from "./withinTime.ts";

/** See `EventStore.tombstone`. */
export async function tombstone(client: EventStoreDBClient, stream: string, expected: ExpectedRevision): Promise<void> {
  try {
    const options = { expectedRevision: expected, deadline: appendDeadlineMs, requiresLeader: true };
    await withinTime(client.tombstoneStream(stream, options));
  } catch (error) {
    throw appendError(stream, error);
  }
}
