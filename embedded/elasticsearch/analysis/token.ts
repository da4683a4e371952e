/** One token of a text, as Lucene's attributes describe it. Offsets are UTF-16 units of the text. */
export type Token = {
  readonly term: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  /** The position increment: 0 for a token at the position of the previous one. */
  readonly increment: number;
  /** The number of positions it spans, if not one. */
  readonly span?: number;
};

/** Tokens, and the position increment after the last one (of dropped words). */
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

/** Drops tokens and adds their position increments to the next one. */
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
