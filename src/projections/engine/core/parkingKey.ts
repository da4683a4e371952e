import type { RecordedEvent } from "../../../event-store/types.ts";
import type { KeyedEvent } from "./batch.ts";

/** The key under which an event is parked: its partition key, or its stream if it has none; in a form that Postgres can store. */
export function parkingKeyOf(event: KeyedEvent): string {
  return (event.key ?? event.stream).toWellFormed().replaceAll("\0", "\ufffd");
}

/** The event in the form in which it is parked. */
export function withoutKey({ key: _, ...event }: KeyedEvent): RecordedEvent {
  return event;
}
