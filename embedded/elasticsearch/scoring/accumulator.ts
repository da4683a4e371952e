import { Bits } from "../index/bits.ts";
import type { Docs, Matches } from "./matches.ts";

/** Adds up the scores of several lists by document. Sums are doubles, as in Lucene. */
export class Accumulator {
  readonly size: number;
  /** Zero for documents that nothing was added to. */
  readonly sums: Float64Array;
  readonly best: Float32Array;
  readonly counts: Int32Array;
  private seen: Bits;

  private constructor(size: number) {
    this.size = size;
    this.sums = new Float64Array(size);
    this.best = new Float32Array(size);
    this.counts = new Int32Array(size);
    this.seen = new Bits(size);
  }

  private static readonly free: Accumulator[] = [];

  /**
   * Calls a function with an empty accumulator for documents below `size`, and clears it again: clearing the used entries is
   * cheaper than allocating.
   */
  static use<Result>(size: number, work: (accumulator: Accumulator) => Result): Result {
    const spare = Accumulator.free.pop();
    const accumulator = spare !== undefined && spare.size >= size ? spare : new Accumulator(size);
    try {
      return work(accumulator);
    } finally {
      accumulator.clear();
      if (Accumulator.free.length < 8) Accumulator.free.push(accumulator);
    }
  }

  private clear(): void {
    for (const doc of this.docs()) {
      this.sums[doc] = 0;
      this.best[doc] = 0;
      this.counts[doc] = 0;
    }
    this.seen.words.fill(0);
  }

  add(doc: number, value: number): void {
    this.seen.add(doc);
    this.sums[doc]! += value;
    this.counts[doc]! += 1;
  }

  addAll({ docs, scores }: Matches): void {
    const { sums, counts, seen } = this;
    for (let at = 0; at < docs.length; at++) {
      const doc = docs[at]!;
      seen.add(doc);
      sums[doc]! += scores[at]!;
      counts[doc]! += 1;
    }
  }

  /** Keeps the best score, and adds up the others. */
  addBest({ docs, scores }: Matches): void {
    const { best, sums, counts } = this;
    for (let at = 0; at < docs.length; at++) {
      const doc = docs[at]!;
      const score = scores[at]!;
      this.seen.add(doc);
      if (counts[doc]! === 0) best[doc] = score;
      else if (score >= best[doc]!) {
        sums[doc]! += best[doc]!;
        best[doc] = score;
      } else sums[doc]! += score;
      counts[doc] = 1;
    }
  }

  /** The documents to which something was added at least so often. */
  docs(least = 1): Docs {
    const docs = this.seen.docs();
    return least <= 1 ? docs : docs.filter((doc) => this.counts[doc]! >= least);
  }
}
