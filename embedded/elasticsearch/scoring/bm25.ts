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

/**
 * The part of a score that depends on the length alone, by coded length; cached for the last field, since a query has many terms of
 * one field.
 */
function lengthFactors(average: number): Float32Array {
  if (average === lastAverage) return lastFactors;
  const factors = new Float32Array(256);
  for (let code = 0; code < 256; code++) {
    const relative = fround(fround(b * fround(lengths[code]!)) / average);
    factors[code] = fround(1 / fround(k1 * fround(fround(1 - b) + relative)));
  }
  lastAverage = average;
  lastFactors = factors;
  return factors;
}
let lastAverage = Number.NaN;
let lastFactors = new Float32Array(256);

/** Scores by frequency and coded length, for terms of one field; `idfSum` is the idf of a term, or the sum of a phrase's. */
export function scorer(
  boost: number,
  idfSum: number,
  { docCount, sumTotalTermFreq }: Statistics,
): (freq: number, norm: number) => number {
  const weight = fround(fround(fround(k1 + 1) * fround(boost)) * idfSum);
  const factors = lengthFactors(docCount === 0 ? 1 : fround(sumTotalTermFreq / docCount));
  return (freq, norm) => fround(weight - fround(weight / fround(1 + fround(fround(freq) * factors[norm]!))));
}
