import { prefixesOf } from "./prefixes.ts";
import type { EventStore, Subscription, SubscriptionMessage } from "./types.ts";
import type { Connection } from "./wire/connection.ts";
import { read } from "./wire/reading.ts";
import { encodeSubscription } from "./wire/readRequest.ts";
import type { ReadResponse } from "./wire/readResponse.ts";

/** See `EventStore.subscribe`. */
export function subscribe(
  connection: Connection,
  { categories, after, detail, signal }: Parameters<EventStore["subscribe"]>[0],
): Subscription {
  return read({
    connection,
    request: encodeSubscription(after ?? "start", prefixesOf(categories)),
    convert: toMessage,
    maxCount: undefined,
    detail,
    signal,
  });
}

/** The store's own events in our streams (`$streamDeleted`) are not delivered, but count as a sign of life. */
function toMessage(response: ReadResponse): SubscriptionMessage | undefined {
  if (response.kind === "notFound" || response.kind === "other") return undefined;
  if (response.kind === "event" && response.event.type.startsWith("$"))
    return { kind: "checkpoint", position: response.event.position };
  return response;
}
