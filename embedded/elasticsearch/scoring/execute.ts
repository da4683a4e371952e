import type { Snapshot } from "../index/snapshot.ts";
import { Accumulator } from "./accumulator.ts";
import { atLeast, liveDocs, union } from "./documents.ts";
import { type Docs, intersect, type Matches, noDocs, noMatches, placesIn, seek, uniform, without } from "./matches.ts";
import { phraseDocs, phraseMatches } from "./phraseMatches.ts";
import type { Bool, Query, Rescorer } from "./query.ts";
import { termDocs, termMatches } from "./terms.ts";
import { splitWide, within } from "./wide.ts";

const { fround } = Math;

/** The documents that a rewritten query finds, with their float32 scores. */
export function execute(query: Query, snapshot: Snapshot, boost = 1): Matches {
  switch (query.k) {
    case "all":
      return uniform(liveDocs(snapshot), fround(boost));
    case "none":
      return noMatches;
    case "term":
      return termMatches(query.field, query.terms, snapshot, boost);
    case "blended":
      return termMatches(query.field, [query.term], snapshot, boost, query.among);
    case "phrase":
      return phraseMatches(query, snapshot, boost);
    case "set":
      return uniform(query.docs(snapshot), fround(boost));
    case "constant":
      return uniform(documents(query.query, snapshot), fround(boost));
    case "boost":
      return execute(query.query, snapshot, fround(boost * query.boost));
    case "dismax":
      return disMax(
        query.queries.map((one) => execute(one, snapshot, boost)),
        query.tie,
        snapshot,
      );
    case "bool":
      return bool(query, snapshot, boost);
    case "rescore":
      return query.boostsLast === true
        ? rescore(execute(query.query, snapshot), query.prepare(snapshot), boost)
        : rescore(execute(query.query, snapshot, boost), query.prepare(snapshot), 1);
  }
}

/** The best score, and `tie` of the others (DisjunctionMaxScorer). */
function disMax(lists: readonly Matches[], tie: number, { maxDoc }: Snapshot): Matches {
  const some = lists.filter(({ docs }) => docs.length > 0);
  if (some.length <= 1) return some[0] ?? noMatches;
  return Accumulator.use(maxDoc, (all) => {
    for (const matches of some) all.addBest(matches);
    const docs = all.docs();
    const scores = new Float32Array(docs.length);
    for (let at = 0; at < docs.length; at++) scores[at] = all.best[docs[at]!]! + all.sums[docs[at]!]! * fround(tie);
    return { docs, scores };
  });
}

/** Documents of all the lists, with the sum of their scores. */
function conjunction(lists: readonly Matches[], { maxDoc }: Snapshot): Matches {
  if (lists.length === 1) return lists[0]!;
  return Accumulator.use(maxDoc, (all) => {
    for (const matches of lists) all.addAll(matches);
    const docs = all.docs(lists.length);
    return { docs, scores: Float32Array.from(docs, (doc) => all.sums[doc]!) };
  });
}

/** Required and optional clauses are summed separately as doubles and rounded, then added (BooleanWeight and ReqOptSumScorer). */
function bool(query: Bool, snapshot: Snapshot, boost: number): Matches {
  const { must, filter, should, not, minimum } = query;
  let docs: Docs | undefined;
  const narrow = (list: Docs) => {
    docs = docs === undefined ? list : intersect(docs, list);
    return docs.length > 0;
  };
  const [wide, narrower] = splitWide(filter, snapshot);
  const wideLast = wide.length > 0 && narrower.length + must.length > 0;
  for (const one of wideLast ? narrower : filter) if (!narrow(documents(one, snapshot))) return noMatches;
  const lists: Matches[] = [];
  for (const one of must) {
    lists.push(execute(one, snapshot, boost));
    if (!narrow(lists.at(-1)!.docs)) return noMatches;
  }
  if (wideLast) docs = within(docs!, wide, snapshot, documents);
  if (docs?.length === 0) return noMatches;
  const sure = lists.length === 0 ? noMatches : conjunction(lists, snapshot);
  return Accumulator.use(snapshot.maxDoc, (extra) => {
    const optional = should.map((one) => execute(one, snapshot, boost));
    for (const matches of optional) extra.addAll(matches);
    const least = Math.max(minimum, must.length + filter.length === 0 ? 1 : 0);
    if (least > 0 && !narrow(extra.docs(least))) return noMatches;
    for (const one of not) docs = without(docs!, documents(one, snapshot));
    const scores = totals(docs!, sure, extra);
    if (minimum > 0 && lists.length > 0)
      sumRequired(scores, docs!, [...lists, ...optional], optional, minimum, snapshot);
    return { docs: docs!, scores };
  });
}

/**
 * If a segment has exactly as many optional clauses as must match, they count as required there (BooleanWeight.scorerSupplier):
 * their scores are summed with those of the required ones, and rounded once.
 */
function sumRequired(
  scores: Float32Array,
  docs: Docs,
  all: readonly Matches[],
  optional: readonly Matches[],
  minimum: number,
  { leaves }: Snapshot,
): void {
  for (const leaf of leaves) {
    const present = optional.filter((one) => {
      const [from, to] = placesIn(leaf, one.docs);
      return to > from;
    });
    if (present.length !== minimum) continue;
    const [from, to] = placesIn(leaf, docs);
    for (let at = from; at < to; at++) {
      let sum = 0;
      for (const one of all) {
        const place = seek(one.docs, docs[at]!, 0, one.docs.length);
        if (one.docs[place] === docs[at]!) sum += one.scores[place]!;
      }
      scores[at] = sum;
    }
  }
}

function totals(docs: Docs, sure: Matches, extra: Accumulator): Float32Array {
  const scores = new Float32Array(docs.length);
  let at = 0;
  for (let index = 0; index < docs.length; index++) {
    const doc = docs[index]!;
    while (at < sure.docs.length && sure.docs[at]! < doc) at += 1;
    const own = sure.docs[at] === doc ? sure.scores[at]! : 0;
    scores[index] = own + fround(extra.sums[doc]!);
  }
  return scores;
}

function rescore({ docs, scores }: Matches, change: Rescorer, boost: number): Matches {
  const kept = new Int32Array(docs.length);
  const changed = new Float32Array(docs.length);
  let count = 0;
  for (let at = 0; at < docs.length; at++) {
    const score = change(docs[at]!, scores[at]!, boost);
    if (score === undefined) continue;
    kept[count] = docs[at]!;
    changed[count++] = score;
  }
  return { docs: kept.subarray(0, count), scores: changed.subarray(0, count) };
}

/** The documents of a query, without their scores. */
export function documents(query: Query, snapshot: Snapshot): Docs {
  switch (query.k) {
    case "all":
      return liveDocs(snapshot);
    case "none":
      return noDocs;
    case "set":
      return query.docs(snapshot);
    case "term":
      return termDocs(query.field, query.terms, snapshot);
    case "blended":
      return termDocs(query.field, [query.term], snapshot);
    case "phrase":
      return phraseDocs(query, snapshot);
    case "boost":
      // A rescorer may drop documents whose score its boost has made too low.
      return query.query.k === "rescore" ? execute(query, snapshot).docs : documents(query.query, snapshot);
    case "constant":
      return documents(query.query, snapshot);
    case "dismax":
      return union(
        query.queries.map((one) => documents(one, snapshot)),
        snapshot,
      );
    case "bool":
      return boolDocs(query, snapshot);
    case "rescore":
      return execute(query, snapshot).docs;
  }
}

function boolDocs({ must, filter, should, not, minimum }: Bool, snapshot: Snapshot): Docs {
  let docs: Docs | undefined;
  const narrow = (list: Docs) => {
    docs = docs === undefined ? list : intersect(docs, list);
    return docs.length > 0;
  };
  const [wide, narrower] = splitWide([...filter, ...must], snapshot);
  const wideLast = wide.length > 0 && narrower.length > 0;
  for (const one of wideLast ? narrower : [...filter, ...must]) if (!narrow(documents(one, snapshot))) return noDocs;
  if (wideLast) docs = within(docs!, wide, snapshot, documents);
  if (docs?.length === 0) return noDocs;
  const least = Math.max(minimum, must.length + filter.length === 0 ? 1 : 0);
  if (least > 0) {
    const lists = should.map((one) => documents(one, snapshot));
    if (!narrow(atLeast(least, lists, snapshot))) return noDocs;
  }
  for (const one of not) docs = without(docs!, documents(one, snapshot));
  return docs ?? noDocs;
}
