import { blanks } from "./unseen.ts";

/** Visible letters, digits, punctuation, symbols and private-use characters; a combining mark or joiner alone is not visible. */
const visible = new RegExp(
  `[[\\p{L}\\p{N}\\p{P}\\p{S}\\p{Co}]--[\\p{Default_Ignorable_Code_Point}\\p{White_Space}${blanks}]]`,
  "v",
);

/** Control characters, lone surrogates, line separators, and characters that change the direction of writing. */
const unwritable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** Returns whether a name has a visible character; U+3164 (a Hangul filler) and U+2800 have none. */
export function isVisible(name: string): boolean {
  return visible.test(name);
}

/** Returns whether a name is plain text in one line, without changes of direction. */
export function isOneLine(name: string): boolean {
  return !unwritable.test(name);
}
