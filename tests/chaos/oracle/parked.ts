import { type PartitionKeyKind, partitionKeyOf } from "../../../src/domain/partitionKeys.ts";
import type { LoggedEvent } from "./log.ts";

/** The events of the log that a read model applies, and those that it parks: `parked` holds event ids by key. */
export type Sifted = {
  readonly applied: readonly LoggedEvent[];
  readonly parked: ReadonlyMap<string, readonly string[]>;
};

/** The partition key of an event in a read model; its stream, if it has none. */
export function keyOf(kind: PartitionKeyKind, { stream, data }: LoggedEvent): string {
  return partitionKeyOf(kind, stream, data) ?? stream;
}

/**
 * Separates the events that a read model handles: one that violates its schema parks its key with all later events of that key;
 * skipped ones are neither applied nor parked.
 */
export function sift(events: readonly LoggedEvent[], kind: PartitionKeyKind, skipped: ReadonlySet<string>): Sifted {
  const applied: LoggedEvent[] = [];
  const parked = new Map<string, string[]>();
  for (const event of events) {
    if (skipped.has(event.id)) continue;
    const of = keyOf(kind, event);
    const waiting = parked.get(of);
    if (waiting !== undefined) waiting.push(event.id);
    else if (isBroken(event)) parked.set(of, [event.id]);
    else applied.push(event);
  }
  return { applied, parked };
}

/** Returns whether it is one of the run's poison events: they all name an impossible book. */
export function isBroken({ type, data }: LoggedEvent): boolean {
  return type === "BookAddedToShelf" && !/^[a-z0-9]{12}$/.test(String(data.bookId));
}
