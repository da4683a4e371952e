import type { Token, Tokenizer } from "./token.ts";
import { eachWord } from "./wordBreak.ts";

/** Words of UAX #29; Han and Hiragana one by one. */
export function standardTokenizer(maxTokenLength = 255): Tokenizer {
  return (text) => {
    const tokens: Token[] = [];
    eachWord(text, maxTokenLength, (start, end, type) => {
      tokens.push({ term: text.slice(start, end), start, end, type, increment: 1 });
    });
    return { tokens, endIncrement: 0 };
  };
}

/** The whole text is one token, even an empty text. */
export const keywordTokenizer: Tokenizer = (text) => ({
  tokens: [{ term: text, start: 0, end: text.length, type: "word", increment: 1 }],
  endIncrement: 0,
});

/** Runs of characters; a run is split once it has 255 UTF-16 units or more. */
const runs =
  (pattern: RegExp, change: (term: string) => string): Tokenizer =>
  (text) => {
    const tokens: Token[] = [];
    for (const match of text.matchAll(pattern)) {
      let start = match.index;
      for (const term of pieces(match[0])) {
        tokens.push({ term: change(term), start, end: start + term.length, type: "word", increment: 1 });
        start += term.length;
      }
    }
    return { tokens, endIncrement: 0 };
  };

function pieces(run: string): string[] {
  if (run.length <= 255) return [run];
  const all: string[] = [];
  let piece = "";
  for (const char of run) {
    piece += char;
    if (piece.length < 255) continue;
    all.push(piece);
    piece = "";
  }
  return piece === "" ? all : [...all, piece];
}

/** Splits at Java's whitespace (without no-break spaces); tokens have at most 255 characters. */
export const whitespaceTokenizer = runs(
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are white space to Java.
  /[^\t-\r\x1c-\x1f \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+/gu,
  (term) => term,
);

/** Letters in lower case. */
export const letterTokenizer = runs(/\p{L}+/gu, lowerCase);

/** Character by character, as Java's Character.toLowerCase: one character never becomes two. */
export function lowerCase(term: string): string {
  const lower = term.toLowerCase();
  if (lower === term || /^[\0-\x7f]*$/.test(term)) return lower;
  return [...term].map((char) => (char === "İ" ? "i" : char.toLowerCase())).join("");
}
