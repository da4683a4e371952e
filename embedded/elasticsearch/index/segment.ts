import type { Document } from "../documents/document.ts";
import { encodeLength } from "./norms.ts";

/** Where a term occurs: documents in order, how often in each, and at which positions (for texts). */
export type Posting = { readonly docs: number[]; readonly freqs: number[]; readonly positions: (readonly number[])[] };

/** One field of a segment. Documents that were deleted since are still counted, as in Lucene until a merge. */
export type FieldIndex = {
  readonly postings: Map<string, Posting>;
  /** Documents with at least one term. */
  docCount: number;
  /** Terms with their frequencies, over all documents. */
  sumTotalTermFreq: number;
  /** The coded length by document, for texts. */
  readonly norms: Map<number, number> | undefined;
};

/** A document in a segment; a tombstone of a delete has no document but takes a number. */
export type Stored = { readonly document: Document; readonly version: number; readonly seqNo: number } | undefined;

/** What one refresh made searchable. Documents are numbered from 0; nothing in it changes afterwards. */
export type Segment = {
  readonly docs: readonly Stored[];
  readonly fields: ReadonlyMap<string, FieldIndex>;
  /** The values of keyword, number, date and boolean fields by document, sorted; of keywords each once. */
  readonly values: ReadonlyMap<string, ReadonlyMap<number, readonly (string | number)[]>>;
};

export function buildSegment(docs: readonly Stored[]): Segment {
  const fields = new Map<string, FieldIndex>();
  const values = new Map<string, Map<number, readonly (string | number)[]>>();
  docs.forEach((stored, doc) => {
    if (stored === undefined) return;
    for (const [path, text] of stored.document.texts) {
      const field = fieldOf(fields, path, true);
      field.norms!.set(doc, encodeLength(text.length));
      if (text.count > 0) field.docCount += 1;
      field.sumTotalTermFreq += text.count;
      for (const [term, positions] of text.terms) addTo(field, term, doc, positions);
    }
    for (const [path, given] of stored.document.values) {
      const sorted = sortValues(given);
      let column = values.get(path);
      if (column === undefined) {
        column = new Map();
        values.set(path, column);
      }
      column.set(doc, sorted);
      const terms = new Set(sorted);
      const field = fieldOf(fields, path, false);
      field.docCount += 1;
      field.sumTotalTermFreq += terms.size;
      for (const term of terms) addTo(field, String(term), doc, []);
    }
  });
  return { docs, fields, values };
}

function fieldOf(fields: Map<string, FieldIndex>, path: string, isText: boolean): FieldIndex {
  let field = fields.get(path);
  if (field === undefined) {
    field = { postings: new Map(), docCount: 0, sumTotalTermFreq: 0, norms: isText ? new Map() : undefined };
    fields.set(path, field);
  }
  return field;
}

function addTo(field: FieldIndex, term: string, doc: number, positions: readonly number[]): void {
  let posting = field.postings.get(term);
  if (posting === undefined) {
    posting = { docs: [], freqs: [], positions: [] };
    field.postings.set(term, posting);
  }
  posting.docs.push(doc);
  posting.freqs.push(Math.max(1, positions.length));
  posting.positions.push(positions);
}

/** Terms are ordered by their UTF-8 bytes, which is by code points. */
export function compareTerms(a: string, b: string): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    // Surrogates come after the rest of the first plane.
    if (one !== other) return fixUp(one) - fixUp(other);
  }
  return a.length - b.length;
}

const fixUp = (unit: number) =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;

function sortValues(values: readonly (string | number)[]): readonly (string | number)[] {
  if (values.length === 1) return values;
  if (typeof values[0] === "string") return [...new Set(values as readonly string[])].toSorted(compareTerms);
  return (values as readonly number[]).toSorted((a, b) => a - b);
}
