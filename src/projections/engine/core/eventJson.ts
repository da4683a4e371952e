import type { RecordedEvent } from "../../../event-store/types.ts";

/** An event as JSON: position and revision as decimal strings, `created` in ISO 8601. */
export type EventJson<Event extends RecordedEvent = RecordedEvent> = Omit<
  Event,
  "position" | "revision" | "created"
> & {
  readonly position: string;
  readonly revision: string;
  readonly created: string;
};

export function eventToJson<Event extends RecordedEvent>(event: Event): EventJson<Event> {
  const { position, revision, created } = event;
  return { ...event, position: String(position), revision: String(revision), created: created.toISOString() };
}

export function eventFromJson<Event extends RecordedEvent>(json: EventJson<Event>): Event {
  const { position, revision, created } = json;
  const parsed = { position: BigInt(position), revision: BigInt(revision), created: new Date(created) };
  return { ...json, ...parsed } as unknown as Event;
}
