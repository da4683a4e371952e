import type { RecordedEvent as ClientEvent, Position, ResolvedEvent } from "@eventstore/db-client";
import type { EventMetadata, RecordedEvent } from "./types.ts";

/**
 * Our form of an event that the client read. Its metadata are what lies in the store: of an event that others wrote
 * they may lack any field, which the codec finds out.
 */
export function toRecordedEvent({ event }: ResolvedEvent): RecordedEvent {
  if (event === undefined) throw new Error("the event store sent a link without its event");
  const { id, type, streamId, revision, created, data } = event;
  const metadata = (event.metadata ?? {}) as EventMetadata;
  return { id, type, stream: streamId, revision, position: onePosition(positionOf(event)), created, data, metadata };
}

function positionOf(event: ClientEvent): Position | undefined {
  return "position" in event ? (event.position as Position | undefined) : undefined;
}

/** The one number of a position in the log. The two of the store differ only for its explicit transactions, long gone. */
export function onePosition(position: Position | undefined): bigint {
  if (position === undefined) throw new Error("the event store named no position");
  if (position.commit !== position.prepare) {
    throw new Error(`commit position ${position.commit} and prepare position ${position.prepare} differ`);
  }
  return position.commit;
}
