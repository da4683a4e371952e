import { InvalidEvent, UnknownEvent } from "../../../event-store/codec.ts";
import { HandlerFailed } from "../core/plan.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";

/**
 * Whose fault a failed batch is. `refused`: of an event's contents (its handler throws, its body does not parse, or the store
 * refuses a value); `unknown`: this code does not know the event's type or version; `fault`: of the store or the way to it,
 * and worth another try for ever.
 */
export type Blame = "refused" | "unknown" | "fault";

export function blame(store: Pick<ReadModelStore, "classify">, error: unknown): Blame {
  if (error instanceof UnknownEvent) return "unknown";
  if (error instanceof HandlerFailed || error instanceof InvalidEvent) return "refused";
  return store.classify(error);
}
