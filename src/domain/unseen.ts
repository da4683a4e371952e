/**
 * Characters that are invisible beside others, as the first and last code points of their ranges: those of Unicode's
 * Default_Ignorable_Code_Point that take no room (variation selectors, joiners, soft hyphens, marks of direction, tags). Not the fillers,
 * which look like a space, nor the zero-width space, which is one.
 */
const ignorable = [
  [0xad],
  [0x34f],
  [0x61c],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200c, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0xfe00, 0xfe0f],
  [0xfeff],
  [0xfff0, 0xfff8],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
] as const;

/** Circles, squares and keycaps around a character. NFKC takes them off ① too. */
const enclosing = [[0x488, 0x489], [0x1abe], [0x20dd, 0x20e0], [0x20e2, 0x20e4], [0xa670, 0xa672]] as const;

/**
 * The inside of a class of a regular expression, in JavaScript (flag `u` or `v`) and in Postgres: what a search neither compares nor
 * counts, between and around the characters of a text.
 */
export const unseen = [...ignorable, ...enclosing]
  .map((range) => range.map((code) => String.fromCodePoint(code)).join("-"))
  .join("");

/**
 * The inside of a class of a regular expression (flag `v`): characters that look like a space although Unicode does not classify them as
 * White_Space. Hangul and Khitan fillers, Braille pattern blank, null notehead, blanks of Egyptian hieroglyphs, the zero-width space, object
 * replacement and annotation marks.
 */
export const blanks =
  "\\u115f\\u1160\\u3164\\uffa0\\u{16fe4}\\u2800\\u{1d159}\\u{13441}\\u{13442}\\u200b\\ufff9-\\ufffc";

const every = new RegExp(`[${unseen}]`, "gu");

/** A text without invisible characters. */
export function withoutUnseen(text: string): string {
  return text.replace(every, "");
}
