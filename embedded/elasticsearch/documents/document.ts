import type { Token } from "../analysis/token.ts";

/** One text field of a document: its tokens with their positions in the field, over all its values. */
export type TextField = {
  readonly terms: ReadonlyMap<string, readonly number[]>;
  /** The number of tokens, those at the place of another included. */
  readonly count: number;
  /** The number of tokens that the norm counts: those at the place of another are left out. */
  readonly length: number;
};

/** A document as it is indexed. Values of keywords are the indexed terms; of dates milliseconds; of booleans 0 and 1. */
export type Document = {
  readonly id: string;
  /** The JSON as it came. */
  readonly source: string;
  readonly texts: ReadonlyMap<string, TextField>;
  readonly values: ReadonlyMap<string, readonly (string | number)[]>;
  /** Keywords beyond `ignore_above` and the like: `_ignored`. */
  readonly ignored: readonly string[];
};

/** Gathers the tokens of a field's values; between two values lies a gap of positions. */
export function createTextField(gap: number): {
  add(tokens: readonly Token[], endIncrement: number): void;
  done(): TextField;
} {
  const terms = new Map<string, number[]>();
  let position = -1;
  let count = 0;
  let length = 0;
  let first = true;
  return {
    add(tokens, endIncrement) {
      if (!first) position += gap;
      first = false;
      for (const token of tokens) {
        position += token.increment;
        if (position < 0) position = 0;
        const positions = terms.get(token.term);
        if (positions === undefined) terms.set(token.term, [position]);
        else positions.push(position);
        count += 1;
        if (token.increment > 0) length += 1;
      }
      position += endIncrement;
    },
    done: () => ({ terms, count, length }),
  };
}
