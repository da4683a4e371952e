import { illegalArgument } from "../json/failure.ts";
import { type Target, toQuery } from "../queries/context.ts";
import { documents, execute } from "../scoring/execute.ts";
import { all, type Query } from "../scoring/query.ts";
import { rewrite, withoutScores } from "../scoring/rewrite.ts";
import type { RescoreSpec, SearchRequest } from "./request.ts";
import { type Sorter, type SortValue, sorter } from "./sort.ts";

export type Hit = { readonly target: Target; readonly doc: number; score: number; values: readonly SortValue[] };

/** What one index finds: all hits of the query for aggregations, and the best ones in order. */
export type Collected = {
  readonly target: Target;
  /** As it was made, which is what highlights are of. */
  readonly query: Query;
  readonly matched: readonly number[];
  readonly scores: ReadonlyMap<number, number>;
  readonly total: number;
  readonly top: Hit[];
  readonly sorters: readonly Sorter[];
};

const { fround } = Math;

/** An order by score alone is the usual one, and shows no sort values. */
const isUsual = (request: SearchRequest) =>
  request.sort.length === 0 ||
  (request.sort.length === 1 && request.sort[0]!.field === "_score" && request.sort[0]!.descending);

export function collect(request: SearchRequest, target: Target): Collected {
  const { snapshot } = target;
  const made = request.query === undefined ? all : toQuery(request.query, target);
  const query = rewrite(made);
  const after = request.postFilter === undefined ? undefined : withoutScores(toQuery(request.postFilter, target));
  checkWindow(request);
  const found = execute(query, snapshot);
  const scores = new Map(found.docs.map((doc, at) => [doc, found.scores[at]!]));
  const { minScore } = request;
  const matched = minScore === undefined ? found.docs : found.docs.filter((doc) => scores.get(doc)! >= minScore);
  const kept = after === undefined ? matched : filtered(matched, documents(after, snapshot));

  const sorters = isUsual(request) ? [] : request.sort.map((spec) => sorter(spec, target));
  if (request.rescore.length > 0 && sorters.length > 0)
    throw illegalArgument("Cannot use [sort] option in conjunction with [rescore].");
  let hits: Hit[] = kept.map((doc) => ({
    target,
    doc,
    score: scores.get(doc)!,
    values: sorters.map((one) => one.value(snapshot, doc, scores.get(doc)!)),
  }));
  const count = Math.max(request.from + request.size, ...request.rescore.map(({ window }) => window));
  hits = best(afterMark(hits, request, sorters, target), count, hitOrder(sorters));
  for (const spec of request.rescore) hits = rescored(hits, spec, target);
  return {
    target,
    query: made,
    matched,
    scores,
    total: kept.length,
    top: hits.slice(0, request.from + request.size),
    sorters,
  };
}

function filtered(docs: readonly number[], allowed: readonly number[]): number[] {
  const set = new Set(allowed);
  return docs.filter((doc) => set.has(doc));
}

/** The first `count` in order: of many hits a page is asked for, and the others need not be sorted. */
function best(hits: readonly Hit[], count: number, order: (a: Hit, b: Hit) => number): Hit[] {
  if (hits.length <= 2 * count) return hits.toSorted(order).slice(0, count);
  const top: Hit[] = [];
  for (const hit of hits) {
    if (top.length === count && (count === 0 || order(hit, top[count - 1]!) >= 0)) continue;
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

/** The best first; equal ones as they were indexed. */
export function hitOrder(sorters: readonly Sorter[]): (a: Hit, b: Hit) => number {
  if (sorters.length === 0) return (a, b) => b.score - a.score || a.doc - b.doc;
  return (a, b) => {
    for (const [at, { compare }] of sorters.entries()) {
      const order = compare(a.values[at]!, b.values[at]!);
      if (order !== 0) return order;
    }
    return a.doc - b.doc;
  };
}

function checkWindow({ from, size }: SearchRequest): void {
  if (from + size <= 10_000) return;
  throw illegalArgument(
    `Result window is too large, from + size must be less than or equal to: [10000] but was [${from + size}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.`,
  );
}

function afterMark(
  hits: Hit[],
  { searchAfter, sort }: SearchRequest,
  sorters: readonly Sorter[],
  target: Target,
): Hit[] {
  if (searchAfter === undefined) return hits;
  if (sort.length === 0) throw illegalArgument("Sort must contain at least one field.");
  const used = sorters.length > 0 ? sorters : sort.map((spec) => sorter(spec, target));
  if (searchAfter.length !== used.length) {
    throw illegalArgument(`search_after has ${searchAfter.length} value(s) but sort has ${used.length}.`);
  }
  const mark = used.map(({ parse }, at) => parse(searchAfter[at]));
  return hits.filter((hit) => {
    for (const [at, one] of used.entries()) {
      const value = sorters.length > 0 ? hit.values[at]! : hit.score;
      const order = one.compare(value, mark[at]!);
      if (order !== 0) return order > 0;
    }
    return false;
  });
}

/** The first `window` hits get a new score and order; those behind keep theirs, weighted. */
function rescored(hits: Hit[], spec: RescoreSpec, target: Target): Hit[] {
  const { docs, scores } = execute(rewrite(toQuery(spec.query, target)), target.snapshot);
  const second = new Map(docs.map((doc, at) => [doc, scores[at]!]));
  const first = hits
    .slice(0, spec.window)
    .map((hit) => ({ ...hit, score: combined(hit.score, second.get(hit.doc), spec) }));
  const rest = hits.slice(spec.window).map((hit) => ({ ...hit, score: fround(hit.score * spec.queryWeight) }));
  return [...first.toSorted(hitOrder([])), ...rest];
}

function combined(
  score: number,
  second: number | undefined,
  { mode, queryWeight, rescoreWeight }: RescoreSpec,
): number {
  const primary = fround(score * queryWeight);
  if (second === undefined) return primary;
  const secondary = fround(second * rescoreWeight);
  switch (mode) {
    case "total":
      return fround(primary + secondary);
    case "multiply":
      return fround(primary * secondary);
    case "avg":
      return fround(fround(primary + secondary) / 2);
    case "max":
      return Math.max(primary, secondary);
    case "min":
      return Math.min(primary, secondary);
  }
}
