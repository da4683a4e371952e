import type { Document, TextField } from "../documents/document.ts";
import { buildColumn, type Column, type Value } from "./column.ts";
import { type Dictionaries, Dictionary } from "./dictionary.ts";
import { type FieldIndex, indexTexts, indexValues } from "./postings.ts";

/** A document in a segment; the tombstone of a delete has no document but uses a number. */
export type Stored = { readonly document: Document; readonly version: number; readonly seqNo: number } | undefined;

/** The documents that one refresh made searchable. Documents are numbered from 0; a segment is immutable. */
export class Segment {
  readonly docs: readonly Stored[];
  private readonly indexes = new Map<string, FieldIndex>();
  private readonly columns = new Map<string, Column>();
  private numbers: Map<string, number> | undefined;

  constructor(docs: readonly Stored[], dictionaries: Dictionaries) {
    this.docs = docs;
    const texts = new Map<string, (TextField | undefined)[]>();
    const values = new Map<string, (readonly Value[] | undefined)[]>();
    docs.forEach((stored, doc) => {
      if (stored === undefined) return;
      for (const [path, text] of stored.document.texts) listOf(texts, path, docs.length)[doc] = text;
      for (const [path, own] of stored.document.values) listOf(values, path, docs.length)[doc] = own;
    });
    for (const [path, list] of texts) this.indexes.set(path, indexTexts(list, dictionaries.of(path)));
    for (const [path, list] of values) {
      const isKeyword = list.some((own) => typeof own?.[0] === "string");
      this.columns.set(path, buildColumn(list, isKeyword ? dictionaries.of(path) : undefined));
    }
  }

  /** The terms of a field; those of fields with values are indexed on first use. */
  index(path: string): FieldIndex | undefined {
    let index = this.indexes.get(path);
    const column = this.columns.get(path);
    if (index === undefined && column !== undefined) {
      index = indexOfColumn(column, this.docs.length);
      this.indexes.set(path, index);
    }
    return index;
  }

  column(path: string): Column | undefined {
    return this.columns.get(path);
  }

  /** The last document with this id: the only one that can be live. */
  numberOf(id: string): number | undefined {
    this.numbers ??= new Map(this.docs.flatMap((stored, doc) => (stored ? [[stored.document.id, doc] as const] : [])));
    return this.numbers.get(id);
  }
}

function listOf<One>(lists: Map<string, (One | undefined)[]>, path: string, length: number): (One | undefined)[] {
  let list = lists.get(path);
  if (list === undefined) {
    list = new Array<One | undefined>(length).fill(undefined);
    lists.set(path, list);
  }
  return list;
}

/** Booleans have terms too, F and T; the terms of numbers are never searched. */
function indexOfColumn({ dictionary, starts, values }: Column, count: number): FieldIndex {
  if (dictionary !== undefined) {
    return indexValues(count, (doc) => values.subarray(starts[doc], starts[doc + 1]), dictionary);
  }
  const own = new Dictionary();
  own.add("F");
  own.add("T");
  const termsOf = (doc: number) => [...new Set(values.subarray(starts[doc], starts[doc + 1]))];
  return indexValues(count, (doc) => termsOf(doc).filter((value) => value === 0 || value === 1), own);
}
