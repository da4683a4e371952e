import type { EventFilter } from "../semantics/filter.ts";
import { eventTypeOf, type StoredEvent, streamNameOf } from "../storage/record.ts";

export function passes(filter: EventFilter | undefined, event: StoredEvent): boolean {
  return !filter || filter.matches(filter.by === "type" ? eventTypeOf(event) : streamNameOf(event));
}
