import type { TextField } from "../documents/document.ts";
import type { Dictionary } from "./dictionary.ts";
import { encodeLength } from "./norms.ts";

/** Where a term occurs: its documents in order are those from `from` to `to` in the postings of its field. */
export type Posting = { readonly from: number; readonly to: number };

/**
 * The postings of one field of a segment, term after term in a few long arrays. Deleted documents are still counted, as in Lucene
 * until a merge.
 */
export type FieldIndex = {
  readonly dictionary: Dictionary;
  /** The numbers of the terms that occur, ascending; the documents of each begin at its entry in `starts`. */
  readonly terms: Int32Array;
  readonly starts: Int32Array;
  readonly docs: Int32Array;
  /** For texts: where the positions of each entry of `docs` begin. Without them each entry counts once. */
  readonly positionStarts: Int32Array | undefined;
  readonly positions: Int32Array;
  /** Documents with at least one term. */
  readonly docCount: number;
  /** Terms with their frequencies, over all documents. */
  readonly sumTotalTermFreq: number;
  /** The encoded length by document, for texts; -1 for none. */
  readonly norms: Int16Array | undefined;
};

/** Returns the frequency of the term in the document of an entry. */
export function frequency({ positionStarts }: FieldIndex, entry: number): number {
  return positionStarts === undefined ? 1 : positionStarts[entry + 1]! - positionStarts[entry]!;
}

export function findPosting(index: FieldIndex, term: string): Posting | undefined {
  const number = index.dictionary.find(term);
  if (number === undefined) return undefined;
  const { terms, starts } = index;
  let low = 0;
  let high = terms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (terms[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return terms[low] === number ? { from: starts[low]!, to: starts[low + 1]! } : undefined;
}

export const docFreq = (index: FieldIndex, term: string): number => {
  const posting = findPosting(index, term);
  return posting === undefined ? 0 : posting.to - posting.from;
};

/** Turns the tokens of the documents of a segment, undefined for one without the field, into the postings of a text. */
export function indexTexts(texts: readonly (TextField | undefined)[], dictionary: Dictionary): FieldIndex {
  const norms = new Int16Array(texts.length).fill(-1);
  const sorter = createSorter(dictionary);
  let docCount = 0;
  for (let doc = 0; doc < texts.length; doc++) {
    const text = texts[doc];
    if (text === undefined) continue;
    norms[doc] = encodeLength(text.length);
    const { tokens } = text;
    if (tokens.length > 0) docCount += 1;
    for (let at = 0; at < tokens.length; at += 2) sorter.count(tokens[at]!);
  }
  const { terms, starts, total, place } = sorter.counted();
  const tokenDocs = new Int32Array(total);
  const positions = new Int32Array(total);
  for (let doc = 0; doc < texts.length; doc++) {
    const tokens = texts[doc]?.tokens;
    if (tokens === undefined) continue;
    for (let at = 0; at < tokens.length; at += 2) {
      const to = place(tokens[at]!);
      tokenDocs[to] = doc;
      positions[to] = tokens[at + 1]!;
    }
  }
  const entries = joined(starts, tokenDocs);
  return { dictionary, terms, ...entries, positions, docCount, sumTotalTermFreq: total, norms };
}

/** The same of fields with values, each document's distinct ones as numbers of terms. */
export function indexValues(
  count: number,
  valuesOf: (doc: number) => ArrayLike<number>,
  dictionary: Dictionary,
): FieldIndex {
  const sorter = createSorter(dictionary);
  let docCount = 0;
  for (let doc = 0; doc < count; doc++) {
    const values = valuesOf(doc);
    if (values.length > 0) docCount += 1;
    for (let at = 0; at < values.length; at++) sorter.count(values[at]!);
  }
  const { terms, starts, total, place } = sorter.counted();
  const docs = new Int32Array(total);
  for (let doc = 0; doc < count; doc++) {
    const values = valuesOf(doc);
    for (let at = 0; at < values.length; at++) docs[place(values[at]!)] = doc;
  }
  const none = { positionStarts: undefined, positions: new Int32Array(0), norms: undefined };
  return { dictionary, terms, starts, docs, ...none, docCount, sumTotalTermFreq: total };
}

/** A counting sort by the numbers of terms. */
function createSorter(dictionary: Dictionary) {
  const slots = new Int32Array(dictionary.terms.length);
  const distinct: number[] = [];
  return {
    count(term: number): void {
      if (slots[term]!++ === 0) distinct.push(term);
    },
    counted() {
      const terms = Int32Array.from(distinct).sort();
      const starts = new Int32Array(terms.length + 1);
      let total = 0;
      for (let at = 0; at < terms.length; at++) {
        starts[at] = total;
        total += slots[terms[at]!]!;
        slots[terms[at]!] = starts[at]!;
      }
      starts[terms.length] = total;
      return { terms, starts, total, place: (term: number) => slots[term]!++ };
    },
  };
}

/** Joins all tokens of a term in a document into one entry. */
function joined(tokenStarts: Int32Array, tokenDocs: Int32Array) {
  const starts = new Int32Array(tokenStarts.length);
  const docs = new Int32Array(tokenDocs.length);
  const positionStarts = new Int32Array(tokenDocs.length + 1);
  let entries = 0;
  for (let term = 0; term + 1 < tokenStarts.length; term++) {
    starts[term] = entries;
    let last = -1;
    for (let at = tokenStarts[term]!; at < tokenStarts[term + 1]!; at++) {
      const doc = tokenDocs[at]!;
      if (doc === last) continue;
      docs[entries] = doc;
      positionStarts[entries++] = at;
      last = doc;
    }
  }
  starts[tokenStarts.length - 1] = entries;
  positionStarts[entries] = tokenDocs.length;
  return { starts, docs: docs.slice(0, entries), positionStarts: positionStarts.slice(0, entries + 1) };
}
