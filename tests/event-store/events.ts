import { randomUUID } from "node:crypto";
import type { EventToAppend } from "../../src/event-store/types.ts";

/** An event with a new id. */
export function newEvent(data: unknown = { bookId: "hongloumeng0" }, type = "BookAddedToShelf"): EventToAppend {
  const commandId = randomUUID();
  const own = { commandId, commandHash: "h", correlationId: "r", causationId: commandId };
  return {
    id: randomUUID(),
    type,
    data,
    metadata: { ...own, schemaVersion: 1, occurredAt: "2026-01-01T00:00:00.000Z" },
  };
}

/** An event that is identical whenever it is sent. */
export const event: EventToAppend = {
  id: "00000000-0000-4000-8000-000000000001",
  type: "BookAddedToShelf",
  data: {},
  metadata: {
    commandId: "c",
    commandHash: "h",
    correlationId: "r",
    causationId: "c",
    schemaVersion: 1,
    occurredAt: "2026-01-01T00:00:00.000Z",
  },
};
