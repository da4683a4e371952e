/** Documents in order, each with its score. */
export type Matches = { readonly docs: readonly number[]; readonly scores: readonly number[] };

export const noMatches: Matches = { docs: [], scores: [] };

export const uniform = (docs: readonly number[], score: number): Matches => ({ docs, scores: docs.map(() => score) });

export function intersect(a: readonly number[], b: readonly number[]): number[] {
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  const out: number[] = [];
  let at = 0;
  for (const doc of few) {
    at = seek(many, doc, at);
    if (at >= many.length) break;
    if (many[at] === doc) out.push(doc);
  }
  return out;
}

/** The first place from `from` on with at least `doc`. Doubles its steps, then halves them. */
function seek(docs: readonly number[], doc: number, from: number): number {
  let step = 1;
  let low = from;
  while (low + step < docs.length && docs[low + step]! < doc) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, docs.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (docs[middle]! < doc) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function without(docs: readonly number[], excluded: readonly (readonly number[])[]): readonly number[] {
  if (excluded.length === 0) return docs;
  const out = new Set(excluded.flat());
  return docs.filter((doc) => !out.has(doc));
}

/** The sum of the scores of each document, and in how many of the lists it is. Sums are doubles, as Lucene's. */
export function sums(lists: readonly Matches[]): {
  docs: number[];
  totals: Map<number, number>;
  counts: Map<number, number>;
} {
  const totals = new Map<number, number>();
  const counts = new Map<number, number>();
  for (const { docs, scores } of lists) {
    docs.forEach((doc, index) => {
      totals.set(doc, (totals.get(doc) ?? 0) + scores[index]!);
      counts.set(doc, (counts.get(doc) ?? 0) + 1);
    });
  }
  return { docs: [...totals.keys()].toSorted((a, b) => a - b), totals, counts };
}
