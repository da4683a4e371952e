import { Bits } from "./bits.ts";
import { type Column, hasValue, type Value, valuesAt } from "./column.ts";
import { docFreq, type FieldIndex } from "./postings.ts";
import type { Segment, Stored } from "./segment.ts";

/** A segment and its deleted documents; `alive` is the number of the others. */
export type Held = { readonly segment: Segment; readonly deleted: Bits; alive: number };

/** A segment with its live documents, undefined for all; `base` is the number of its first document in the snapshot. */
export type Leaf = { readonly segment: Segment; readonly base: number; readonly live: Bits | undefined };

type FieldView = {
  readonly parts: readonly { readonly index: FieldIndex; readonly leaf: Leaf }[];
  readonly statistics: { readonly docCount: number; readonly sumTotalTermFreq: number };
};

const maxRemembered = 100;

/** The immutable view of a search. */
export class Snapshot {
  readonly leaves: readonly Leaf[];
  /** The number of documents, including deleted ones that no merge has removed. */
  readonly maxDoc: number;
  readonly liveCount: number;
  private readonly views = new Map<string, FieldView>();
  private readonly remembered = new Map<string, Bits>();
  private readonly numbersOf = new Map<string, Float64Array>();

  constructor(segments: readonly Held[]) {
    const leaves: Leaf[] = [];
    let base = 0;
    let liveCount = 0;
    for (const { segment, deleted, alive } of segments) {
      // Lucene drops a segment without live documents, and its share in all statistics.
      if (alive === 0) continue;
      const count = segment.docs.length;
      leaves.push({ segment, base, live: alive === count ? undefined : complement(deleted, count) });
      base += count;
      liveCount += alive;
    }
    this.leaves = leaves;
    this.maxDoc = base;
    this.liveCount = liveCount;
  }

  leafOf(doc: number): Leaf {
    let at = this.leaves.length - 1;
    while (this.leaves[at]!.base > doc) at -= 1;
    return this.leaves[at]!;
  }

  stored(doc: number): NonNullable<Stored> {
    const { segment, base } = this.leafOf(doc);
    return segment.docs[doc - base]!;
  }

  /** The live document with an id. */
  numberOf(id: string): number | undefined {
    for (const { segment, base, live } of this.leaves) {
      const doc = segment.numberOf(id);
      if (doc !== undefined && (live === undefined || live.has(doc))) return base + doc;
    }
    return undefined;
  }

  values(field: string, doc: number): readonly Value[] | undefined {
    const { segment, base } = this.leafOf(doc);
    const column = segment.column(field);
    return column === undefined ? undefined : valuesAt(column, doc - base);
  }

  /**
   * Reads the column of a field, segment by segment: returns a function of the document number, which calls `read` with the
   * segment's column and the document's index in it.
   */
  reader<Result>(field: string, read: (column: Column, doc: number) => Result): (doc: number) => Result | undefined {
    const columns = this.leaves.map(({ segment }) => segment.column(field));
    const of = (at: number, doc: number) => {
      const column = columns[at];
      return column === undefined || !hasValue(column, doc) ? undefined : read(column, doc);
    };
    if (columns.length === 1) return (doc) => of(0, doc);
    const { leaves } = this;
    return (doc) => {
      let at = leaves.length - 1;
      while (leaves[at]!.base > doc) at -= 1;
      return of(at, doc - leaves[at]!.base);
    };
  }

  /** The least or greatest number of a field by document, NaN for none; computed once, since every search sorts by the same field. */
  numbers(field: string, pick: "min" | "max"): Float64Array {
    const key = `${pick} ${field}`;
    let all = this.numbersOf.get(key);
    if (all === undefined) {
      all = new Float64Array(this.maxDoc).fill(Number.NaN);
      for (const { segment, base } of this.leaves) {
        const column = segment.column(field);
        if (column === undefined) continue;
        const { starts, values } = column;
        for (let doc = 0; doc < segment.docs.length; doc++) {
          if (hasValue(column, doc)) all[base + doc] = values[pick === "min" ? starts[doc]! : starts[doc + 1]! - 1]!;
        }
      }
      this.numbersOf.set(key, all);
    }
    return all;
  }

  /** The field in each segment that has it. */
  fields(field: string): FieldView["parts"] {
    return this.view(field).parts;
  }

  /** Statistics over all segments: documents with the field, and its terms with their frequencies. */
  statistics(field: string): FieldView["statistics"] {
    return this.view(field).statistics;
  }

  private view(field: string): FieldView {
    let view = this.views.get(field);
    if (view === undefined) {
      const parts = this.leaves.flatMap((leaf) => {
        const index = leaf.segment.index(field);
        return index === undefined ? [] : [{ index, leaf }];
      });
      const docCount = parts.reduce((sum, { index }) => sum + index.docCount, 0);
      const sumTotalTermFreq = parts.reduce((sum, { index }) => sum + index.sumTotalTermFreq, 0);
      view = { parts, statistics: { docCount, sumTotalTermFreq } };
      this.views.set(field, view);
    }
    return view;
  }

  /** Returns the result of `make`, cached by its key: filters are repeated with every search. */
  remember(key: string, make: () => Bits): Bits {
    let bits = this.remembered.get(key);
    if (bits === undefined) {
      bits = make();
      if (this.remembered.size >= maxRemembered) this.remembered.clear();
      this.remembered.set(key, bits);
    }
    return bits;
  }

  docFreq(field: string, term: string): number {
    return this.fields(field).reduce((sum, { index }) => sum + docFreq(index, term), 0);
  }
}

function complement(deleted: Bits, count: number): Bits {
  const live = new Bits(count);
  for (let doc = 0; doc < count; doc++) if (!deleted.has(doc)) live.add(doc);
  return live;
}

export const emptySnapshot = new Snapshot([]);
