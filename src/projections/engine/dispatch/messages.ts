import type { EventStore, SubscriptionMessage } from "../../../event-store/types.ts";
import type { LogPoint } from "../core/batch.ts";

/**
 * A message that a subscription delivers to a build. `passed`: every event of the build up to this one was delivered;
 * the event itself is of another build. Only shared subscriptions send it, because the checkpoint messages of the
 * server name no event.
 */
export type DispatchMessage = SubscriptionMessage | { readonly kind: "passed"; readonly upTo: LogPoint };

export type Messages = readonly DispatchMessage[];

/** `EventStore.subscribe`, shared or not, with all messages at once that came together. */
export type DispatchSubscribe = (asked: Parameters<EventStore["subscribe"]>[0]) => AsyncIterable<Messages>;
