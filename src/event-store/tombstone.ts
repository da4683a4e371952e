import type { EventStoreDBClient } from "@eventstore/db-client";
import { appendError } from "./clientErrors.ts";
import type { ExpectedRevision } from "./types.ts";
import { sendToLeader } from "./withinTime.ts";

/** See `EventStore.tombstone`. */
export async function tombstone(client: EventStoreDBClient, stream: string, expected: ExpectedRevision): Promise<void> {
  try {
    const options = { expectedRevision: expected, requiresLeader: true };
    await sendToLeader((deadline) => client.tombstoneStream(stream, { ...options, deadline }));
  } catch (error) {
    throw appendError(stream, error);
  }
}
