import type { Snapshot } from "../index/snapshot.ts";
import { illegalArgument } from "../json/failure.ts";
import { type Target, toQuery } from "../queries/context.ts";
import { countInSegment } from "../scoring/countInSegment.ts";
import { documents, execute } from "../scoring/execute.ts";
import { type Docs, intersect, type Matches, placesIn, seek, uniform } from "../scoring/matches.ts";
import { all, type Query } from "../scoring/query.ts";
import { rewrite, withoutScores } from "../scoring/rewrite.ts";
import { best, type Hit, hitOrder, type Passes } from "./best.ts";
import { isSortedByScore, type RescoreSpec, type SearchRequest } from "./request.ts";
import { type Sorter, sorter } from "./sort.ts";

/** The hits of one index: all for aggregations, and the best ones in order. */
export type Collected = {
  readonly target: Target;
  /** Before the rewrite, for highlights. */
  readonly query: Query;
  readonly matched: Docs;
  scoreOf(doc: number): number | undefined;
  readonly total: number;
  /** Whether counting reached the limit before the last segment, so that it is unknown if there are more. */
  stopsAt(limit: number): boolean;
  readonly top: Hit[];
  readonly sorters: readonly Sorter[];
};

const { fround } = Math;

export function collect(request: SearchRequest, target: Target): Collected {
  const { snapshot } = target;
  const made = request.query === undefined ? all : toQuery(request.query, target);
  const after = request.postFilter === undefined ? undefined : withoutScores(toQuery(request.postFilter, target));
  checkWindow(request);
  const found = needsScores(request)
    ? execute(rewrite(made), snapshot)
    : uniform(documents(withoutScores(made), snapshot), 0);
  const { minScore } = request;
  const matched = minScore === undefined ? found.docs : found.docs.filter((_, at) => found.scores[at]! >= minScore);
  const kept = after === undefined || after.k === "all" ? matched : intersect(matched, documents(after, snapshot));

  const sorters = isSortedByScore(request) ? [] : request.sort.map((spec) => sorter(spec, target));
  if (request.rescore.length > 0 && sorters.length > 0)
    throw illegalArgument("Cannot use [sort] option in conjunction with [rescore].");
  const count = Math.max(request.from + request.size, ...request.rescore.map(({ window }) => window));
  let hits = best(
    { docs: kept, scores: kept === found.docs ? found.scores : scoresOf(kept, found) },
    count,
    sorters,
    afterMark(request, sorters, target),
    target,
  );
  for (const spec of request.rescore) hits = rescored(hits, spec, target);
  return {
    target,
    query: made,
    matched,
    scoreOf: (doc) => scoreOf(found, doc),
    total: kept.length,
    stopsAt: (limit) => stopsAt(limit, withoutScores(made), kept, snapshot),
    top: hits.slice(0, request.from + request.size),
    sorters,
  };
}

/** Segments whose count is known are not searched, and their documents do not count towards the limit (PartialHitCountCollector). */
function stopsAt(limit: number, query: Query, kept: Docs, { leaves }: Snapshot): boolean {
  let seen = 0;
  for (const leaf of leaves) {
    if (seen >= limit) return true;
    if (countInSegment(query, leaf) !== undefined) continue;
    const [from, to] = placesIn(leaf, kept);
    seen += to - from;
  }
  return false;
}

/**
 * Returns whether scores are needed. If not, Elasticsearch builds a query without scores, in which boosts are dropped: a
 * `function_score` with a `min_score` of its own finds other documents then. Aggregations may need them (top hits).
 */
function needsScores({ size, sort, trackScores, minScore, rescore, aggregations }: SearchRequest): boolean {
  if (trackScores || minScore !== undefined || rescore.length > 0 || aggregations.length > 0) return true;
  return size > 0 && (sort.length === 0 || sort.some(({ field }) => field === "_score"));
}

function scoreOf({ docs, scores }: Matches, doc: number): number | undefined {
  const at = seek(docs, doc, 0, docs.length);
  return docs[at] === doc ? scores[at] : undefined;
}

/** The scores of some of the documents. */
function scoresOf(some: Docs, { docs, scores }: Matches): Float32Array {
  const own = new Float32Array(some.length);
  let at = 0;
  for (let index = 0; index < some.length; index++) {
    while (docs[at]! < some[index]!) at += 1;
    own[index] = scores[at]!;
  }
  return own;
}

function checkWindow({ from, size }: SearchRequest): void {
  if (from + size <= 10_000) return;
  throw illegalArgument(
    `Result window is too large, from + size must be less than or equal to: [10000] but was [${from + size}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.`,
  );
}

/** Tests whether a hit follows `search_after`; undefined without one. */
function afterMark(request: SearchRequest, sorters: readonly Sorter[], target: Target): Passes | undefined {
  const { searchAfter, sort } = request;
  if (searchAfter === undefined) return undefined;
  if (isSortedByScore(request)) throw illegalArgument("Sort must contain at least one field.");
  const used = sorters.length > 0 ? sorters : sort.map((spec) => sorter(spec, target));
  if (searchAfter.length !== used.length) {
    throw illegalArgument(`search_after has ${searchAfter.length} value(s) but sort has ${used.length}.`);
  }
  const mark = used.map(({ parse }, at) => parse(searchAfter[at]));
  return (doc, score) => {
    for (const [at, { compare, value }] of used.entries()) {
      const order = compare(value(doc, score), mark[at]!);
      if (order !== 0) return order > 0;
    }
    return false;
  };
}

/** The first `window` hits get a new score and order; later ones keep theirs, weighted. */
function rescored(hits: Hit[], spec: RescoreSpec, target: Target): Hit[] {
  const second = execute(rewrite(toQuery(spec.query, target)), target.snapshot);
  const first = hits
    .slice(0, spec.window)
    .map((hit) => ({ ...hit, score: combined(hit.score, scoreOf(second, hit.doc), spec) }));
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
