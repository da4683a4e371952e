import type { Target } from "../queries/context.ts";
import type { Matches } from "../scoring/matches.ts";
import type { Sorter, SortValue } from "./sort.ts";

export type Hit = { readonly target: Target; readonly doc: number; score: number; values: readonly SortValue[] };

/** Returns whether a hit qualifies. */
export type Passes = (doc: number, score: number) => boolean;

/**
 * The first `count` in order of those that pass. A search usually returns one page of many hits, so the sort values of a hit are
 * read only until it is known to follow the last hit of the page.
 */
export function best(
  matches: Matches,
  count: number,
  sorters: readonly Sorter[],
  passes: Passes | undefined,
  target: Target,
): Hit[] {
  const { field = "_score", descending = true } = sorters[0]?.spec ?? {};
  const byScore = field === "_score" && descending;
  const least = byScore && passes === undefined ? leastOfBest(matches.scores, count) : Number.NEGATIVE_INFINITY;
  // Not `>=`: NaN passes too.
  const passing = (doc: number, score: number) => !(score < least) && (passes === undefined || passes(doc, score));
  const hitOf = (doc: number, score: number): Hit => ({
    target,
    doc,
    score,
    values: sorters.map((one) => one.value(doc, score)),
  });
  const keys = sorters.flatMap(({ key }) => key ?? []);
  if (sorters.length === 0 || keys.length < sorters.length) {
    const goesBefore = (doc: number, score: number, hit: Hit) => goesBeforeHit(doc, score, hit, sorters);
    return firstOf(matches, count, passing, goesBefore, hitOf);
  }
  const keyedOf = (doc: number, score: number): Keyed => ({ doc, score, keys: keys.map((key) => key(doc, score)) });
  const goesBefore = (doc: number, score: number, other: Keyed) => goesBeforeKeyed(doc, score, other, keys);
  return firstOf(matches, count, passing, goesBefore, keyedOf).map(({ doc, score }) => hitOf(doc, score));
}

/** The first `count` of those that pass; only these are built. Ties keep the order of their documents. */
function firstOf<Item>(
  { docs, scores }: Matches,
  count: number,
  passes: Passes,
  goesBefore: (doc: number, score: number, item: Item) => boolean,
  itemOf: (doc: number, score: number) => Item,
): Item[] {
  const top: Item[] = [];
  if (count === 0) return top;
  for (let at = 0; at < docs.length; at++) {
    const doc = docs[at]!;
    const score = scores[at]!;
    if (!passes(doc, score)) continue;
    if (top.length === count && !goesBefore(doc, score, top[count - 1]!)) continue;
    let [from, to] = [0, top.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (goesBefore(doc, score, top[middle]!)) to = middle;
      else from = middle + 1;
    }
    top.splice(from, 0, itemOf(doc, score));
    if (top.length > count) top.pop();
  }
  return top;
}

/** A hit where each part of the order has a number. */
type Keyed = { readonly doc: number; readonly score: number; readonly keys: readonly number[] };

function goesBeforeKeyed(
  doc: number,
  score: number,
  other: Keyed,
  keys: readonly NonNullable<Sorter["key"]>[],
): boolean {
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!(doc, score);
    if (key !== other.keys[at]!) return key < other.keys[at]!;
  }
  return false;
}

const longPage = 50;

/** The score of the last of the `count` best, so that no other hit has to be sorted. */
function leastOfBest(scores: Float32Array, count: number): number {
  // A short page is soon full of the best.
  if (scores.length <= count || count < longPage) return Number.NEGATIVE_INFINITY;
  return scores.slice().sort()[scores.length - count]!;
}

function goesBeforeHit(doc: number, score: number, other: Hit, sorters: readonly Sorter[]): boolean {
  if (sorters.length === 0) return score > other.score;
  for (let at = 0; at < sorters.length; at++) {
    const { compare, value } = sorters[at]!;
    const order = compare(value(doc, score), other.values[at]!);
    if (order !== 0) return order < 0;
  }
  return false;
}

/** The best first; ties in indexing order. */
export function hitOrder(sorters: readonly Sorter[]): (a: Hit, b: Hit) => number {
  if (sorters.length === 0) return (a, b) => b.score - a.score || a.doc - b.doc;
  return (a, b) => {
    for (let at = 0; at < sorters.length; at++) {
      const order = sorters[at]!.compare(a.values[at]!, b.values[at]!);
      if (order !== 0) return order;
    }
    return a.doc - b.doc;
  };
}
