import { lengths } from "../index/norms.ts";

/*
 * Lucene's BM25 as Elasticsearch uses it (LegacyBM25Similarity: × (k1 + 1)), in the float32 steps of
 * org.apache.lucene.search.similarities.BM25Similarity.
 */
const k1 = Math.fround(1.2);
const b = Math.fround(0.75);
const { fround } = Math;

/** The inverse document frequency of a term that `docFreq` of `docCount` documents have. */
export function idf(docFreq: number, docCount: number): number {
  return fround(Math.log(1 + (docCount - docFreq + 0.5) / (docFreq + 0.5)));
}

export type Statistics = { readonly docCount: number; readonly sumTotalTermFreq: number };

/** Scores by frequency and coded length, for terms of one field; `idfSum` is the idf of a term, or the sum of a phrase's. */
export function scorer(
  boost: number,
  idfSum: number,
  { docCount, sumTotalTermFreq }: Statistics,
): (freq: number, norm: number) => number {
  const average = docCount === 0 ? 1 : fround(sumTotalTermFreq / docCount);
  const weight = fround(fround(fround(k1 + 1) * fround(boost)) * idfSum);
  const cache = new Float32Array(256);
  lengths.forEach((length, code) => {
    const relative = fround(fround(b * fround(length)) / average);
    cache[code] = fround(1 / fround(k1 * fround(fround(1 - b) + relative)));
  });
  return (freq, norm) => {
    const inverse = fround(fround(freq) * cache[norm]!);
    return fround(weight - fround(weight / fround(1 + inverse)));
  };
}
