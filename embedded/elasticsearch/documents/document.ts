import type { Token } from "../analysis/token.ts";
import type { Dictionary } from "../index/dictionary.ts";

/** One text field of a document, over all its values. */
export type TextField = {
  /** A pair for each token: the number of its term in the field's dictionary, and its position in the field, which never decreases. */
  readonly tokens: Int32Array;
  /** The number of tokens that the norm counts: those at the position of another do not count. */
  readonly length: number;
};

/** A document as it is indexed. Values of keywords are the indexed terms; of dates milliseconds; of booleans 0 and 1. */
export type Document = {
  readonly id: string;
  /** The JSON as received. */
  readonly source: string;
  readonly texts: ReadonlyMap<string, TextField>;
  readonly values: ReadonlyMap<string, readonly (string | number)[]>;
  /** Keywords beyond `ignore_above` and the like: `_ignored`. */
  readonly ignored: readonly string[];
};

/** Gathers the tokens of a field's values; between two values is a position gap. */
export function createTextField(
  gap: number,
  dictionary: Dictionary,
): {
  add(tokens: readonly Token[], endIncrement: number): void;
  done(): TextField;
} {
  const pairs: number[] = [];
  let position = -1;
  let length = 0;
  let first = true;
  return {
    add(tokens, endIncrement) {
      if (!first) position += gap;
      first = false;
      for (const { term, increment } of tokens) {
        position += increment;
        if (position < 0) position = 0;
        pairs.push(dictionary.add(term), position);
        if (increment > 0) length += 1;
      }
      position += endIncrement;
    },
    done: () => ({ tokens: Int32Array.from(pairs), length }),
  };
}
