import type { Target } from "../queries/context.ts";
import type { Matches } from "../scoring/matches.ts";
import type { Sorter, SortValue } from "./sort.ts";

export type Hit = { readonly target: Target; readonly doc: number; score: number; values: readonly SortValue[] };

/** Whether a hit counts. */
export type Passes = (doc: number, score: number) => boolean;

/**
 * The first `count` in order of those that pass. Mostly a page of many hits is asked for, so what a hit is sorted by is read only as far
 * as it takes to tell that the last of the page goes before it.
 */
export function best(
  { docs, scores }: Matches,
  count: number,
  sorters: readonly Sorter[],
  passes: Passes | undefined,
  target: Target,
): Hit[] {
  const order = hitOrder(sorters);
  const top: Hit[] = [];
  if (count === 0) return top;
  const { field = "_score", descending = true } = sorters[0]?.spec ?? {};
  const byScore = field === "_score" && descending;
  const keys = sorters.flatMap(({ key }) => key ?? []);
  if (sorters.length > 0 && keys.length === sorters.length) {
    const found = bestByKeys({ docs, scores }, count, keys, passes, byScore);
    return found.map(({ doc, score }) => ({ target, doc, score, values: sorters.map((one) => one.value(doc, score)) }));
  }
  const leastScore = byScore && passes === undefined ? leastOfBest(scores, count) : Number.NEGATIVE_INFINITY;
  for (let at = 0; at < docs.length; at++) {
    const doc = docs[at]!;
    const score = scores[at]!;
    if (score < leastScore) continue;
    if (passes !== undefined && !passes(doc, score)) continue;
    if (top.length === count) {
      const last = top[count - 1]!;
      if (byScore && score < last.score) continue;
      if (!goesBefore(doc, score, last, sorters)) continue;
    }
    const hit = { target, doc, score, values: sorters.map((one) => one.value(doc, score)) };
    let [from, to] = [0, top.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (order(hit, top[middle]!) < 0) to = middle;
      else from = middle + 1;
    }
    top.splice(from, 0, hit);
    if (top.length > count) top.pop();
  }
  return top;
}

type Keyed = { readonly doc: number; readonly score: number; readonly keys: readonly number[] };

/** The same, where each part of the order has a number. */
function bestByKeys(
  { docs, scores }: Matches,
  count: number,
  keys: readonly NonNullable<Sorter["key"]>[],
  passes: Passes | undefined,
  byScore: boolean,
): readonly Keyed[] {
  const least = byScore && passes === undefined ? leastOfBest(scores, count) : Number.NEGATIVE_INFINITY;
  const top: Keyed[] = [];
  for (let at = 0; at < docs.length; at++) {
    const doc = docs[at]!;
    const score = scores[at]!;
    if (score < least || (passes !== undefined && !passes(doc, score))) continue;
    if (top.length === count && !goesFirst(doc, score, top[count - 1]!, keys)) continue;
    let [from, to] = [0, top.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (goesFirst(doc, score, top[middle]!, keys)) to = middle;
      else from = middle + 1;
    }
    top.splice(from, 0, { doc, score, keys: keys.map((key) => key(doc, score)) });
    if (top.length > count) top.pop();
  }
  return top;
}

/** Equal hits are in the order of their documents, in which they come. */
function goesFirst(doc: number, score: number, other: Keyed, keys: readonly NonNullable<Sorter["key"]>[]): boolean {
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!(doc, score);
    if (key !== other.keys[at]!) return key < other.keys[at]!;
  }
  return false;
}

const longPage = 50;

/** The score of the last of the `count` best, so that no other hit has to be put in order. */
function leastOfBest(scores: Float32Array, count: number): number {
  // A short page is soon full of the best.
  if (scores.length <= count || count < longPage) return Number.NEGATIVE_INFINITY;
  return scores.slice().sort()[scores.length - count]!;
}

/** Equal hits are in the order of their documents, in which they come. */
function goesBefore(doc: number, score: number, last: Hit, sorters: readonly Sorter[]): boolean {
  if (sorters.length === 0) return score > last.score;
  for (let at = 0; at < sorters.length; at++) {
    const { compare, value } = sorters[at]!;
    const order = compare(value(doc, score), last.values[at]!);
    if (order !== 0) return order < 0;
  }
  return false;
}

/** The best first; equal ones as they were indexed. */
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
