import type { RawJson, SubscriptionMessage } from "../../../event-store/types.ts";

const sizes = new WeakMap<object, number>();

/** UTF-16 units of an event's data as JSON; counted once, however many builds the event is delivered to. */
export function dataSize(event: { readonly data: unknown }, raw?: RawJson): number {
  if (raw !== undefined) return raw.data.length;
  const known = sizes.get(event);
  if (known !== undefined) return known;
  const size = JSON.stringify(event.data)?.length ?? 0;
  sizes.set(event, size);
  return size;
}

/** The same of a message; 0 of one that brings no event. */
export function messageSize(message: SubscriptionMessage): number {
  return message.kind === "event" ? dataSize(message.event, message.raw) : 0;
}
