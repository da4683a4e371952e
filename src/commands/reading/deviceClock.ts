import { maxAheadMs } from "../../domain/progress/limits.ts";

/** When something was read: as the device says, in UTC to the millisecond, or if that is too far ahead the server's time and what was said. */
export type ReadAt = { readonly readAt: string; readonly readAtRaw?: string };

/** Holds the time of a device against the server's, `now` (both ISO 8601). */
export function checkedReadAt(readAt: string, now: string): ReadAt {
  const said = new Date(readAt);
  if (said.getTime() - Date.parse(now) <= maxAheadMs) return { readAt: said.toISOString() };
  return { readAt: now, readAtRaw: said.toISOString() };
}
