import type { RecordedEvent } from "../../../event-store/types.ts";
import type { KeyedEvent } from "./batch.ts";

/** The key that an event is parked under: its partition key, or the stream of one that has none; as Postgres can hold it. */
export function parkingKeyOf(event: KeyedEvent): string {
  return (event.key ?? event.stream).toWellFormed().replaceAll("\0", "\ufffd");
}

/** The event as it is parked. */
export function withoutKey({ key: _, ...event }: KeyedEvent): RecordedEvent {
  return event;
}
