import {
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
  START,
  streamNameFilter,
} from "@eventstore/db-client";
import type { Category } from "../domain/streams.ts";
import { readError } from "./clientErrors.ts";
import { EventStoreUnavailable } from "./errors.ts";
import { letGo, withoutDestroying } from "./leave.ts";
import { onePosition, toRecordedEvent } from "./recorded.ts";
import type { SubscriptionMessage } from "./types.ts";

/** How many events of the log the server looks through at a time; after each such window it sends a checkpoint. */
const searchWindow = 500;

type Mark = Exclude<SubscriptionMessage, { kind: "event" }>;

/** See `EventStore.subscribe`. */
export async function* subscribe(
  client: EventStoreDBClient,
  options: { categories: readonly Category[]; after: bigint | undefined; signal: AbortSignal },
): AsyncGenerator<SubscriptionMessage> {
  const { categories, after, signal } = options;
  if (signal.aborted) return;
  // Checkpoints and caught-up signals go through the stream's own buffer and so keep their place among the events.
  const mark = (message: Mark) => subscription.push(message);
  const subscription: AllStreamSubscription = client.subscribeToAll({
    fromPosition: after === undefined ? START : { commit: after, prepare: after },
    filter: streamNameFilter({
      prefixes: categories.map((category) => `${category}-`),
      maxSearchWindow: searchWindow,
      // The client waits for this callback; if it threw, the subscription would stand still for ever.
      checkpointReached: (_, { commit }) => void mark({ kind: "checkpoint", position: commit }),
    }),
  });
  subscription.on("caughtUp", () => mark({ kind: "caughtUp" }));
  // The client may emit once more after the loop has ended; without a listener that would end the process.
  subscription.on("error", () => {});
  const abort = () => letGo(subscription, () => subscription.unsubscribe());
  signal.addEventListener("abort", abort, { once: true });
  try {
    for await (const delivered of withoutDestroying<AllStreamResolvedEvent | Mark>(subscription)) {
      if (signal.aborted) break;
      yield "kind" in delivered ? delivered : toMessage(delivered);
    }
  } catch (error) {
    if (!signal.aborted) throw readError(error);
  } finally {
    signal.removeEventListener("abort", abort);
    abort();
  }
  if (!signal.aborted) throw new EventStoreUnavailable("the subscription ended");
}

/** The store's own records in our streams (`$streamDeleted`) are no events of ours, but a sign of life. */
function toMessage(delivered: AllStreamResolvedEvent): SubscriptionMessage {
  const { event } = delivered;
  if (event?.type.startsWith("$")) return { kind: "checkpoint", position: onePosition(event.position) };
  return { kind: "event", event: toRecordedEvent(delivered) };
}
