import { z } from "zod";

/**
 * Text in an event: without NUL, which Postgres cannot store, and with at most twice `maxLength` UTF-16 units, enough for
 * `maxLength` characters (code points). Counting code points would cost a pass over the text.
 */
export function text(maxLength: number): z.ZodString {
  return z
    .string()
    .max(2 * maxLength)
    .regex(/^[^\0]*$/, "must not contain NUL");
}

/** Whether a list has no duplicates. */
export function areDistinct(items: readonly (string | number)[]): boolean {
  return new Set(items).size === items.length;
}

/** Like `text`, but not empty. */
export function someText(maxLength: number): z.ZodString {
  return text(maxLength).min(1);
}
