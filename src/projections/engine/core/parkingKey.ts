import type { RecordedEvent } from "../../../event-store/types.ts";
import type { KeyedEvent } from "./batch.ts";

/** The key under which an event is parked: its partition key, or its stream if it has none; in a form that Postgres can store. */
export function parkingKeyOf(event: KeyedEvent): string {
  return asParkingKey(event.key ?? event.stream);
}

/** A partition key, or the name of a stream, in the form of a parking key. */
export function asParkingKey(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

/**
 * Returns whether an event of this parking key waits behind parked ones; `parkedFrom`: the parked keys, each with the position of
 * its first event.
 */
export function waits(parkedFrom: ReadonlyMap<string, bigint>, key: string, position: bigint): boolean {
  const first = parkedFrom.get(key);
  return first !== undefined && position >= first;
}

/** The event in the form in which it is parked. */
export function withoutKey({ key: _, ...event }: KeyedEvent): RecordedEvent {
  return event;
}
