import { z } from "zod";

const time = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })]);

/**
 * The time of a text as 2026-11-28T08:00:00+08:00 (ISO 8601 with Z or an offset; seconds may be left out). Undefined if it is none, or of a day that
 * does not exist: `Date` takes 30 February for 2 March, and 24:00 for the next day.
 */
export function timeOf(text: string): Date | undefined {
  return time.safeParse(text.toUpperCase()).success ? new Date(text) : undefined;
}
