import type { Leaf } from "../index/snapshot.ts";

/** Document numbers, ascending. */
export type Docs = Int32Array;

/** Documents in order, each with its score. */
export type Matches = { readonly docs: Docs; readonly scores: Float32Array };

export const noDocs: Docs = new Int32Array(0);
export const noMatches: Matches = { docs: noDocs, scores: new Float32Array(0) };

export const uniform = (docs: Docs, score: number): Matches => ({
  docs,
  scores: new Float32Array(docs.length).fill(score),
});

export function intersect(a: Docs, b: Docs): Docs {
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  const out = new Int32Array(few.length);
  let count = 0;
  let at = 0;
  for (let index = 0; index < few.length && at < many.length; index++) {
    const doc = few[index]!;
    at = seek(many, doc, at, many.length);
    if (at < many.length && many[at] === doc) out[count++] = doc;
  }
  return out.subarray(0, count);
}

/** The range of a segment's documents: from the first index to before the second. */
export function placesIn({ base, segment }: Leaf, docs: Docs): readonly [from: number, to: number] {
  const from = seek(docs, base, 0, docs.length);
  return [from, seek(docs, base + segment.docs.length, from, docs.length)];
}

/** The first index in `from` … `end` with at least `doc`, else `end` (galloping search). */
export function seek(docs: Docs, doc: number, from: number, end: number): number {
  if (from >= end || docs[from]! >= doc) return from;
  let step = 1;
  let low = from;
  while (low + step < end && docs[low + step]! < doc) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, end);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (docs[middle]! < doc) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function without(docs: Docs, excluded: Docs): Docs {
  if (excluded.length === 0) return docs;
  let at = 0;
  return docs.filter((doc) => {
    at = seek(excluded, doc, at, excluded.length);
    return excluded[at] !== doc;
  });
}
