import { z } from "zod";

/**
 * Text in an event: without NUL, which Postgres cannot store, and with at most twice `maxLength` characters (code points). Commands
 * and imports keep at most `maxLength`; earlier events may have up to twice as many, since their limit was in UTF-16 units.
 */
export function text(maxLength: number): z.ZodString {
  return z
    .string()
    .max(2 * maxLength)
    .regex(/^[^\0]*$/, "must not contain NUL");
}

/**
 * UTF-16 units that a client may send for each character (code point) that is kept: a composed character has up to four
 * decomposed, of two units at most.
 */
const sentUnitsPerCharacter = 8;

/**
 * The maximum number of UTF-16 units that a client may send of a text that is kept with at most `max` characters (code points).
 */
export const sentUnits = (max: number) => sentUnitsPerCharacter * max;

const tooLong = (max: number) => `must have at most ${max} characters`;

/**
 * A text as a client sends it, which may have at most `max` characters (code points) once it is trimmed and normalised. One that
 * is far longer is refused before anything else is done with it: normalising takes time in proportion to the square of the
 * number of combining marks in succession, 6 s for 256 KiB.
 */
export const sentText = (max: number) =>
  z.string().refine((sent) => sent.length <= sentUnits(max), { message: tooLong(max), abort: true });

/** The check that a text, trimmed and normalised, has at most `max` characters (code points). */
export const charactersUpTo = (max: number) => z.refine<string>((kept) => [...kept].length <= max, tooLong(max));

/** Returns whether a list has no duplicates. */
export function areDistinct(items: readonly (string | number)[]): boolean {
  return new Set(items).size === items.length;
}

/** Like `text`, but not empty. */
export function someText(maxLength: number): z.ZodString {
  return text(maxLength).min(1);
}
