import { InvalidEvent, UnknownEvent } from "../../../event-store/codec.ts";
import { HandlerFailed } from "../core/plan.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";

/**
 * The cause of a failed batch. `refused`: the contents of an event (its handler throws, its data is invalid, or the store
 * refuses a value); `unknown`: this code does not know the event's type or version; `fault`: the store or the connection, to be
 * retried for ever.
 */
export type FailureClass = "refused" | "unknown" | "fault";

export function classifyFailure(store: Pick<ReadModelStore, "classify">, error: unknown): FailureClass {
  if (error instanceof UnknownEvent) return "unknown";
  if (error instanceof HandlerFailed || error instanceof InvalidEvent) return "refused";
  return store.classify(error);
}
