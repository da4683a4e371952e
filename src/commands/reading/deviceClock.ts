import { maxAheadMs } from "../../domain/progress/limits.ts";

/**
 * When something was read: the device's time in UTC with milliseconds, or if that is too far ahead the server's time, with the
 * reported one in `readAtRaw`.
 */
export type ReadAt = { readonly readAt: string; readonly readAtRaw?: string };

/** Compares a device's time with the server's, `now` (both ISO 8601). */
export function checkedReadAt(readAt: string, now: string): ReadAt {
  const reported = new Date(readAt);
  if (reported.getTime() - Date.parse(now) <= maxAheadMs) return { readAt: reported.toISOString() };
  return { readAt: now, readAtRaw: reported.toISOString() };
}
