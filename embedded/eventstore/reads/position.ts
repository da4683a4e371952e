import type { EventLog } from "../log/log.ts";

/**
 * Returns whether the position lies inside the record of an event: neither at its beginning nor at or after its end. This log never
 * returned such a position, except if its event was scavenged: then it is in no record any more.
 */
export function isWithinRecord(log: EventLog, position: bigint): boolean {
  const [last] = log.before(position, 1);
  // Positions advance by the length of the record.
  return last !== undefined && position < last.position + BigInt(last.record.length);
}
