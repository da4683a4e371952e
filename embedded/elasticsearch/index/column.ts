import type { Dictionary } from "./dictionary.ts";
import { compareTerms } from "./terms.ts";

/**
 * The values of a keyword, number, date or boolean field by document, in one array: those of a document are sorted and begin at its
 * entry in `starts`. Keywords are numbers of terms, each once in a document.
 */
export type Column = {
  readonly starts: Int32Array;
  readonly values: Int32Array | Float64Array;
  /** The terms of a keyword field. */
  readonly dictionary: Dictionary | undefined;
};

export type Value = string | number;

export const hasValue = ({ starts }: Column, doc: number): boolean => starts[doc + 1]! > starts[doc]!;

export function valuesAt({ starts, values, dictionary }: Column, doc: number): readonly Value[] | undefined {
  const [from, to] = [starts[doc]!, starts[doc + 1]!];
  if (from === to) return undefined;
  const list: Value[] = [];
  for (let at = from; at < to; at++) list.push(dictionary === undefined ? values[at]! : dictionary.terms[values[at]!]!);
  return list;
}

/** A column of the values of each document, undefined for none. Numbers may be in any order. */
export function buildColumn(
  given: readonly (readonly Value[] | undefined)[],
  dictionary: Dictionary | undefined,
): Column {
  const starts = new Int32Array(given.length + 1);
  const sorted = given.map((values) => values && (dictionary === undefined ? numbers(values) : terms(values)));
  let total = 0;
  for (let doc = 0; doc < given.length; doc++) {
    starts[doc] = total;
    total += sorted[doc]?.length ?? 0;
  }
  starts[given.length] = total;
  const values = dictionary === undefined ? new Float64Array(total) : new Int32Array(total);
  for (let doc = 0; doc < given.length; doc++) {
    const own = sorted[doc];
    if (own === undefined) continue;
    for (let at = 0; at < own.length; at++) {
      values[starts[doc]! + at] = dictionary === undefined ? (own[at] as number) : dictionary.add(own[at] as string);
    }
  }
  return { starts, values, dictionary };
}

function numbers(values: readonly Value[]): readonly Value[] {
  return values.length === 1 ? values : (values as readonly number[]).toSorted((a, b) => a - b);
}

function terms(values: readonly Value[]): readonly Value[] {
  return values.length === 1 ? values : [...new Set(values as readonly string[])].toSorted(compareTerms);
}
