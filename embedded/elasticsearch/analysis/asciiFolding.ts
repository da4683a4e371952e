import { folds } from "./asciiFolds.ts";
import type { Token, TokenFilter } from "./token.ts";

const folded = new Map(Object.entries(folds).flatMap(([to, from]) => [...from].map((char) => [char, to] as const)));

export function asciiFold(term: string): string {
  if (/^[\0-\x7f]*$/.test(term)) return term;
  return [...term].map((char) => folded.get(char) ?? char).join("");
}

/**
 * Latin letters with diacritics, and other signs, as ASCII; `preserveOriginal` adds the original token after the folded one, at the
 * same position.
 */
export function asciiFolding(preserveOriginal: boolean): TokenFilter {
  return ({ tokens, endIncrement }) => ({
    tokens: tokens.flatMap((token): Token[] => {
      const term = asciiFold(token.term);
      if (term === token.term || !preserveOriginal) return [{ ...token, term }];
      return [
        { ...token, term },
        { ...token, increment: 0 },
      ];
    }),
    endIncrement,
  });
}
