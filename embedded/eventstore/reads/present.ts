import type { EventLog } from "../log/log.ts";
import { linkType, parseLink } from "../semantics/link.ts";
import { eventTypeOf, frameOf, type StoredEvent } from "../storage/record.ts";
import { eventData, linkedEventFrame, withStructuredIds } from "../wire/recorded-event.ts";
import { visibleEvent } from "./visible.ts";

/** The format of events in a read. */
export type Presentation = { resolveLinks: boolean; structuredIds: boolean };

/** Encodes a stored event for the reader. */
export type Present = (event: StoredEvent) => Buffer;

export function presenter(log: EventLog, { resolveLinks, structuredIds }: Presentation): Present {
  const inFull: Present = resolveLinks ? (event) => resolved(log, event) : frameOf;
  return structuredIds ? (event) => withStructuredIds(inFull(event)) : inFull;
}

const linkTypeBytes = Buffer.from(linkType);

/** A link is resolved to its event, or returned alone if that event is not visible. */
function resolved(log: EventLog, event: StoredEvent): Buffer {
  const frame = frameOf(event);
  const link = eventTypeOf(event).equals(linkTypeBytes) ? parseLink(eventData(frame)) : undefined;
  if (!link) return frame;
  const target = visibleEvent(log, link.stream, link.revision);
  return linkedEventFrame(frame, target && frameOf(target));
}
