import { isVisible } from "../domain/visibleText.ts";
import { readVisibleText } from "./markup.ts";
import { withoutTags } from "./withoutTags.ts";

/**
 * Characters that stored texts must not contain: controls, zero-width and direction marks, U+FFFE and U+FFFF, and lone
 * surrogates.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a class by numbers takes half the time of \p{Cc}.
const unwanted = /[\0-\x08\x0B-\x1F\x7F-\x9F\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFFE\uFFFF]/g;
const loneSurrogates = /\p{Cs}/gu;

/** An entity; not a bare &. */
const entity = /&(?:[a-z][a-z0-9]{1,30}|#\d{1,7}|#x[0-9a-f]{1,6});/i;

/** `source` with LF line ends, without control characters, zero-width characters and lone surrogates. */
export function cleanCharacters(source: string): string {
  const clean = source.replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n").replace(unwanted, "");
  return clean.isWellFormed() ? clean : clean.replace(loneSurrogates, "");
}

/** Plain text: tags removed, block elements on separate lines, entities decoded, then `cleanCharacters`. */
export function plainText(source: string): string {
  return countedPlainText(source).text;
}

/** Like `plainText`, with the number of letters in contents of elements that were left out with it (`withoutTags`). */
export function countedPlainText(source: string): { readonly text: string; readonly hidden: number } {
  const { text, hidden, tags } = withoutTags(source);
  return { text: cleanCharacters(tags > 0 || entity.test(text) ? decoded(text) : text), hidden };
}

/**
 * One line of at most `maxLength` characters (code points): plain text, each run of white space one space. Empty if it has no
 * visible character.
 */
export function plainLine(source: string, maxLength: number): string {
  const line = capped(plainText(source).replace(/\s+/gu, " ").trim(), maxLength);
  return isVisible(line) ? line : "";
}

/** Paragraphs, one per line, of at most `maxLength` characters in total: plain text without blank lines and indents. */
export function plainParagraphs(source: string, maxLength: number): string {
  const lines = plainText(source)
    .split("\n")
    .map((line) => line.trim());
  return capped(lines.filter((line) => line !== "").join("\n"), maxLength);
}

function capped(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const characters = Array.from(text.slice(0, 2 * maxLength));
  return characters.length <= maxLength && text.length <= 2 * maxLength
    ? text
    : `${characters
        .slice(0, maxLength - 1)
        .join("")
        .trimEnd()}…`;
}

function decoded(text: string): string {
  const parts: string[] = [];
  readVisibleText(text.replaceAll("<", "&lt;"), {
    onOpen() {},
    onClose() {},
    onText: (part) => parts.push(part),
  });
  return parts.join("");
}
