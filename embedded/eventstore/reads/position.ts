import type { EventLog } from "../log/log.ts";

/**
 * Returns whether the position lies inside the record of an event: neither where it begins nor at or behind its end. Such a
 * position was never given out by this log, except if its event was scavenged: then it is in no record any more.
 */
export function isWithinRecord(log: EventLog, position: bigint): boolean {
  const [last] = log.before(position, 1);
  // Positions go on by the length of what was written.
  return last !== undefined && position < last.position + BigInt(last.record.length);
}
