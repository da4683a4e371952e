import { z } from "zod";

/**
 * Text of an event: at most `maxLength` characters (code points, counted as two UTF-16 units each, which costs no pass over
 * the text) and no NUL, which Postgres cannot store.
 */
export function text(maxLength: number): z.ZodString {
  return z
    .string()
    .max(2 * maxLength)
    .regex(/^[^\0]*$/, "must not contain NUL");
}

/** Whether no item stands twice in a list. */
export function areDistinct(items: readonly (string | number)[]): boolean {
  return new Set(items).size === items.length;
}

/** As `text`, and not empty. */
export function someText(maxLength: number): z.ZodString {
  return text(maxLength).min(1);
}
