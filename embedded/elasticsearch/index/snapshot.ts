import type { FieldIndex, Segment, Stored } from "./segment.ts";

/** A segment with the documents that are alive; `base` numbers its documents within the whole. */
export type Leaf = { readonly segment: Segment; readonly base: number; readonly live: ReadonlySet<number> | undefined };

/** What a search sees: it stays the same while it is kept. */
export class Snapshot {
  readonly leaves: readonly Leaf[];
  /** Documents, deleted ones that no merge has removed included. */
  readonly maxDoc: number;
  readonly liveCount: number;

  constructor(segments: readonly { segment: Segment; deleted: ReadonlySet<number> }[]) {
    const leaves: Leaf[] = [];
    let base = 0;
    let liveCount = 0;
    for (const { segment, deleted } of segments) {
      const alive = segment.docs.length - deleted.size;
      // Lucene drops a segment with nothing alive, and its share in all statistics.
      if (alive === 0) continue;
      const live =
        deleted.size === 0 ? undefined : new Set([...segment.docs.keys()].filter((doc) => !deleted.has(doc)));
      leaves.push({ segment, base, live });
      base += segment.docs.length;
      liveCount += alive;
    }
    this.leaves = leaves;
    this.maxDoc = base;
    this.liveCount = liveCount;
  }

  stored(doc: number): NonNullable<Stored> {
    const leaf = this.leaves.findLast(({ base }) => base <= doc)!;
    return leaf.segment.docs[doc - leaf.base]!;
  }

  isLive(doc: number): boolean {
    const leaf = this.leaves.findLast(({ base }) => base <= doc)!;
    return leaf.live === undefined || leaf.live.has(doc - leaf.base);
  }

  values(field: string, doc: number): readonly (string | number)[] | undefined {
    const leaf = this.leaves.findLast(({ base }) => base <= doc)!;
    return leaf.segment.values.get(field)?.get(doc - leaf.base);
  }

  /** The field in each segment that has it. */
  fields(field: string): readonly { index: FieldIndex; leaf: Leaf }[] {
    return this.leaves.flatMap((leaf) => {
      const index = leaf.segment.fields.get(field);
      return index === undefined ? [] : [{ index, leaf }];
    });
  }

  /** Statistics over all segments: documents with the field, and its terms with their frequencies. */
  statistics(field: string): { docCount: number; sumTotalTermFreq: number } {
    const all = this.fields(field);
    return {
      docCount: all.reduce((sum, { index }) => sum + index.docCount, 0),
      sumTotalTermFreq: all.reduce((sum, { index }) => sum + index.sumTotalTermFreq, 0),
    };
  }

  docFreq(field: string, term: string): number {
    return this.fields(field).reduce((sum, { index }) => sum + (index.postings.get(term)?.docs.length ?? 0), 0);
  }
}

export const emptySnapshot = new Snapshot([]);
