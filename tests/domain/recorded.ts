import { allEvents } from "../../src/domain/events.ts";
import type { RecordedEvent } from "../../src/event-store/types.ts";

/** The event as stored, by default in a stream of its category, in the current version of its type. */
export function recorded(
  { type, data }: { readonly type: string; readonly data: unknown },
  { stream = "book-000000000001", schemaVersion }: { stream?: string; schemaVersion?: number } = {},
): RecordedEvent {
  const current = allEvents[type as keyof typeof allEvents].version;
  return {
    id: "00000000-0000-4000-8000-000000000001",
    type,
    stream,
    revision: 0n,
    position: 1n,
    created: new Date(0),
    data,
    metadata: {
      commandId: "c",
      commandHash: "h",
      correlationId: "r",
      causationId: "c",
      occurredAt: "2026-01-01T00:00:00.000Z",
      schemaVersion: schemaVersion ?? current,
    },
  };
}
