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

/** Trims like Java's String.trim: all characters up to U+0020. */
export const trim = (term: string) => term.replace(/^[\0- ]+|[\0- ]+$/g, "");

export const limit =
  (maxTokens: number): TokenFilter =>
  ({ tokens, endIncrement }) => ({ tokens: tokens.slice(0, maxTokens), endIncrement });

/** Drops a token whose term occurred at the same position. */
export const removeDuplicates: TokenFilter = (all) => {
  let seen = new Set<string>();
  return keepTokens(all, ({ term, increment }) => {
    if (increment > 0) seen = new Set();
    const known = seen.has(term);
    seen.add(term);
    return !known;
  });
};

/** Maximum length for the cache: short terms repeat often, so their grams are cached. */
const shortTerm = 8;
const maxKept = 20_000;

/** Character n-grams by code points, all at the token's position and with its offsets; a shorter token emits nothing. */
export function ngram(min: number, max: number, preserveOriginal: boolean, edgeOnly: boolean): TokenFilter {
  const kept = new Map<string, readonly string[]>();
  const gramsOf = (term: string): readonly string[] => {
    const known = kept.get(term);
    if (known !== undefined) return known;
    const grams = cut(term, min, max, edgeOnly);
    const { length } = [...term];
    if (preserveOriginal && length > 0 && (length < min || length > max)) grams.push(term);
    if (term.length <= shortTerm && kept.size < maxKept) kept.set(term, grams);
    return grams;
  };
  return ({ tokens }) => {
    const out: Token[] = [];
    let skipped = 0;
    for (const token of tokens) {
      const { start, end, type } = token;
      let increment = token.increment + skipped;
      const grams = gramsOf(token.term);
      for (const term of grams) {
        out.push(token.span === undefined ? { term, start, end, type, increment } : { ...token, term, increment });
        increment = 0;
      }
      skipped = grams.length === 0 ? increment : 0;
    }
    // Lucene's filter reports its own skipped positions instead of those skipped before it.
    return { tokens: out, endIncrement: skipped };
  };
}

function cut(term: string, min: number, max: number, edgeOnly: boolean): string[] {
  const ends = [0];
  for (let at = 0; at < term.length; ) {
    at += term.codePointAt(at)! > 0xffff ? 2 : 1;
    ends.push(at);
  }
  const count = ends.length - 1;
  const grams: string[] = [];
  for (let from = 0; from < (edgeOnly ? 1 : count); from++) {
    for (let length = min; length <= max && from + length <= count; length++) {
      grams.push(term.slice(ends[from], ends[from + length]));
    }
  }
  return grams;
}
