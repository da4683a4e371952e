/**
 * Characters that leave no ink though Unicode gives them neither White_Space nor Default_Ignorable_Code_Point: Braille
 * pattern blank, null notehead, the blanks of Egyptian hieroglyphs, Khitan filler, object replacement and annotation marks.
 */
const blankGlyphs = "\\u2800\\u{1d159}\\u{13441}\\u{13442}\\u{16fe4}\\ufff9-\\ufffc";

/** Letters, digits, punctuation, symbols and private characters that show: a mark or a joiner alone does not. */
const visible = new RegExp(
  `[[\\p{L}\\p{N}\\p{P}\\p{S}\\p{Co}]--[\\p{Default_Ignorable_Code_Point}\\p{White_Space}${blankGlyphs}]]`,
  "v",
);

/** Control characters, halves of surrogate pairs, separators of lines, and what turns the direction of writing. */
const unwritable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** Whether anything of a name can be seen; U+3164 (a Hangul filler) and U+2800 look like nothing. */
export function isVisible(name: string): boolean {
  return visible.test(name);
}

/** Whether a name is plain text in one line, written in the direction in which it reads. */
export function isOneLine(name: string): boolean {
  return !unwritable.test(name);
}
