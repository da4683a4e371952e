/** One token of a text, as Lucene's attributes describe it. Offsets are UTF-16 units of the text. */
export type Token = {
  readonly term: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  /** Steps from the token before: 0 for one at the same place. */
  readonly increment: number;
  /** Positions it spans, where that is not one. */
  readonly span?: number;
};

/** Tokens, and the steps left over behind the last one (of words that were left out). */
export type Tokens = { readonly tokens: readonly Token[]; readonly endIncrement: number };

export type Tokenizer = (text: string) => Tokens;
export type TokenFilter = (tokens: Tokens) => Tokens;

/** A filter that changes terms only. */
export const mapTerms =
  (change: (term: string) => string): TokenFilter =>
  ({ tokens, endIncrement }) => ({
    tokens: tokens.map((token) => {
      const term = change(token.term);
      return term === token.term ? token : { ...token, term };
    }),
    endIncrement,
  });

/** Leaves tokens out and adds their steps to the next. */
export function keepTokens({ tokens, endIncrement }: Tokens, keeps: (token: Token) => boolean): Tokens {
  const kept: Token[] = [];
  let skipped = 0;
  for (const token of tokens) {
    if (keeps(token)) {
      kept.push(skipped === 0 ? token : { ...token, increment: token.increment + skipped });
      skipped = 0;
    } else {
      skipped += token.increment;
    }
  }
  return { tokens: kept, endIncrement: endIncrement + skipped };
}
