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
  return ({ tokens }) => {
    const out: Token[] = [];
    let skipped = 0;
    for (const token of tokens) {
      const { term, start, end, type } = token;
      const before = out.length;
      let increment = token.increment + skipped;
      const add = (gram: string) => {
        out.push(
          token.span === undefined ? { term: gram, start, end, type, increment } : { ...token, term: gram, increment },
        );
        increment = 0;
      };
      const ends = endsOf(term);
      const count = ends.length - 1;
      for (let from = 0; from < (edgeOnly ? 1 : count); from++) {
        for (let length = min; length <= max && from + length <= count; length++) {
          add(term.slice(ends[from], ends[from + length]));
        }
      }
      if (preserveOriginal && count > 0 && (count < min || count > max)) add(term);
      skipped = out.length === before ? increment : 0;
    }
    // Lucene's filter says what it skipped in place of what was skipped before it.
    return { tokens: out, endIncrement: skipped };
  };
}

/** Where the characters of a term begin, and its end. */
function endsOf(term: string): number[] {
  const ends = [0];
  for (let at = 0; at < term.length; ) {
    at += term.codePointAt(at)! > 0xffff ? 2 : 1;
    ends.push(at);
  }
  return ends;
}
