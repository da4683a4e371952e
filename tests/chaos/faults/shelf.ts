import { randomUUID } from "node:crypto";
import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import type { World } from "../world/world.ts";
import { insist } from "./fault.ts";

/** An event with our metadata that no reader's command wrote. */
export function foreignEvent(type: string, data: Record<string, unknown>, id: string = randomUUID()) {
  const ids = { commandId: id, correlationId: id, causationId: id };
  const metadata = { ...ids, commandHash: "chaos", schemaVersion: 1, occurredAt: new Date().toISOString() };
  return jsonEvent({ id, type, data, metadata });
}

/** Appends to the shelf of a reader who has none, directly to the event store and in one append; retries until it succeeds. */
export function appendToNewShelf(
  world: World,
  readerId: string,
  events: readonly ReturnType<typeof foreignEvent>[],
): Promise<void> {
  return withEventStore(world, async (client) => {
    const options = { expectedRevision: "no_stream", deadline: 3_000, ...aCallOfItsOwn } as const;
    await client.appendToStream(`shelf-${readerId}`, [...events], options).catch((error: { type?: string }) => {
      // A repeat after a lost answer finds an existing stream.
      if (error.type !== "wrong-expected-version") throw error;
    });
  });
}

/**
 * Options with which the official client appends by a separate call. Its BatchAppend keeps the pending appends of all clients of a process
 * in one map, which it clears when any of them fails: the answer to another one is then an unhandled rejection (db-client 6.2.1).
 */
export const aCallOfItsOwn = { credentials: { username: "admin", password: "changeit" } } as const;

/** Calls the event store directly, with a separate client; retries until it succeeds. */
export function withEventStore<Result>(
  { environment }: World,
  work: (client: EventStoreDBClient) => Promise<Result>,
): Promise<Result> {
  return insist(async () => {
    const client = EventStoreDBClient.connectionString(environment.EVENTSTORE_URL ?? "");
    try {
      return await work(client);
    } finally {
      await client.dispose();
    }
  });
}
