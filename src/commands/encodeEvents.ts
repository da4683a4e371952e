import type { DomainEvent } from "../domain/event.ts";
import type { Codec } from "../event-store/codec.ts";
import type { EventToAppend } from "../event-store/types.ts";
import type { CommandIdentity } from "./commandIdentity.ts";
import { eventIdOf } from "./eventIds.ts";
import type { CommandContext } from "./types.ts";

/** The events that a command decided on, with their ids and metadata, ready to be appended. Throws InvalidEvent. */
export function encodeEvents<Event extends DomainEvent>(
  codec: Codec<Event>,
  stream: string,
  events: readonly Event[],
  identity: CommandIdentity,
  { correlationId, occurredAt, deviceId, traceparent, correction }: CommandContext,
): readonly EventToAppend[] {
  const { commandId, commandHash } = identity;
  const causationId = commandId;
  const metadata = {
    commandId,
    commandHash,
    correlationId,
    causationId,
    occurredAt,
    deviceId,
    traceparent,
    correction,
  };
  return events.map((event, index) => codec.encode(event, eventIdOf(stream, identity, index, event.data), metadata));
}
