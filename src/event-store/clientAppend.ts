import type { EventStoreDBClient, JSONEventData } from "@eventstore/db-client";
import type { Acknowledged } from "./acknowledged.ts";
import { appendError } from "./clientErrors.ts";
import type { AppendRevision, EventToAppend } from "./types.ts";
import { onePosition } from "./wire/position.ts";
import { sendToLeader } from "./withinTime.ts";

/**
 * Appends with the official client, for a server without BatchAppend: one call per append. Rejects with the errors of
 * ./errors.ts; the same call may then be repeated.
 */
export async function appendByClient(
  client: EventStoreDBClient,
  stream: string,
  expected: AppendRevision,
  events: readonly EventToAppend[],
): Promise<Acknowledged> {
  const messages = events.map(toMessage);
  try {
    const options = { expectedRevision: expected, requiresLeader: true };
    const { nextExpectedRevision, position } = await sendToLeader((deadline) =>
      client.appendToStream(stream, messages, { ...options, deadline }),
    );
    return { revision: nextExpectedRevision, position: position && onePosition(position) };
  } catch (error) {
    throw appendError(stream, error);
  }
}

/**
 * Serialises the event before the client does: for data that is not JSON (a BigInt, a cycle) the client raises an error
 * outside of any promise, which cannot be caught.
 */
function toMessage(event: EventToAppend): JSONEventData {
  if (JSON.stringify(event.data) === undefined) throw new TypeError(`the data of ${event.type} are no JSON`);
  return {
    id: event.id,
    contentType: "application/json",
    type: event.type,
    data: event.data as JSONEventData["data"],
    metadata: new TextEncoder().encode(JSON.stringify(event.metadata)),
  };
}
