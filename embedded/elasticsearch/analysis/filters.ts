import { keepTokens, type Token, type TokenFilter } from "./token.ts";

/** Lucene's English stop words. */
export const englishStopWords =
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with".split(
    " ",
  );

export const stop =
  (stopWords: readonly string[]): TokenFilter =>
  (tokens) =>
    keepTokens(tokens, ({ term }) => !stopWords.includes(term));

/** Without white space at the ends, as Java's String.trim: everything up to U+0020. */
export const trim = (term: string) => term.replace(/^[\0- ]+|[\0- ]+$/g, "");

export const limit =
  (maxTokens: number): TokenFilter =>
  ({ tokens, endIncrement }) => ({ tokens: tokens.slice(0, maxTokens), endIncrement });

/** Drops a token whose term was there at the same position. */
export const removeDuplicates: TokenFilter = (all) => {
  let seen = new Set<string>();
  return keepTokens(all, ({ term, increment }) => {
    if (increment > 0) seen = new Set();
    const known = seen.has(term);
    seen.add(term);
    return !known;
  });
};

/** Character n-grams by code points, all at the token's place and with its offsets; a shorter token gives nothing. */
export function ngram(min: number, max: number, preserveOriginal: boolean, edgeOnly: boolean): TokenFilter {
  return ({ tokens, endIncrement }) => {
    const out: Token[] = [];
    let skipped = 0;
    for (const token of tokens) {
      const chars = [...token.term];
      const grams = edgeOnly ? edgeGrams(chars, min, max) : allGrams(chars, min, max);
      const original = chars.length < min || chars.length > max;
      if (preserveOriginal && original && chars.length > 0) grams.push(token.term);
      grams.forEach((term, index) => {
        out.push({ ...token, term, increment: index === 0 ? token.increment + skipped : 0 });
      });
      skipped = grams.length === 0 ? skipped + token.increment : 0;
    }
    return { tokens: out, endIncrement: endIncrement + skipped };
  };
}

function edgeGrams(chars: readonly string[], min: number, max: number): string[] {
  const lengths = Array.from({ length: Math.max(0, Math.min(max, chars.length) - min + 1) }, (_, index) => min + index);
  return lengths.map((length) => chars.slice(0, length).join(""));
}

function allGrams(chars: readonly string[], min: number, max: number): string[] {
  return chars.flatMap((_, from) => edgeGrams(chars.slice(from), min, max));
}
