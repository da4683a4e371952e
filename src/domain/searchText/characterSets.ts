import { blanks } from "../unseen.ts";

// Insides of classes of regular expressions (flag `v`).

/** Symbols that belong to words: C++, C#, emoji, private-use characters. */
const kept = "[+#\\p{Extended_Pictographic}\\p{Co}]";

/** What separates words and is not searched: punctuation (《》【】·—…), symbols, spaces, control characters and fillers. */
export const separators = `[\\p{P}\\p{S}\\p{Z}\\p{C}${blanks}]--${kept}`;

/** What NFKC or lower case changes, and some more. */
export const changing = "\\p{Changes_When_NFKC_Casefolded}\\p{Changes_When_Lowercased}";

/** Beyond this code point are only Chinese characters, private use, tags and unassigned ones. */
const lastCode = 0x1ffff;

/**
 * All characters up to U+1FFFF in one text, in which a regular expression finds some in a few milliseconds. Without surrogates, and
 * U+0000, which Postgres has in no text.
 */
export function manyCharacters(): string {
  return [charactersFrom(1, 0xd7ff), charactersFrom(0xe000, lastCode)].join("");
}

/** The characters of a range of code points, each followed by `end`. Made of bytes, since adding one by one takes 20 times as long. */
export function charactersFrom(first: number, last: number, end = ""): string {
  const units = new Uint16Array((last - first + 1) * (2 + end.length));
  let length = 0;
  for (let code = first; code <= last; code++) {
    if (code > 0xffff) units[length++] = 0xd7c0 + (code >> 10);
    units[length++] = code > 0xffff ? 0xdc00 + (code & 0x3ff) : code;
    for (let at = 0; at < end.length; at++) units[length++] = end.charCodeAt(at);
  }
  return new TextDecoder("utf-16le").decode(units.subarray(0, length));
}
