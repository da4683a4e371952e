import type { FieldIndex, Posting } from "../index/segment.ts";
import type { Leaf, Snapshot } from "../index/snapshot.ts";
import { idf, scorer } from "./bm25.ts";
import { intersect, type Matches, noMatches, sums, uniform, without } from "./matches.ts";
import { exactMatches, sloppyFrequency } from "./phrase.ts";
import type { Bool, Query, Rescorer } from "./query.ts";

const { fround } = Math;

/** The documents that a rewritten query finds, with their float32 scores. */
export function execute(query: Query, snapshot: Snapshot, boost = 1): Matches {
  switch (query.k) {
    case "all":
      return uniform(liveDocs(snapshot), fround(boost));
    case "none":
      return noMatches;
    case "term":
      return terms(query.field, query.terms, snapshot, boost);
    case "blended":
      return terms(query.field, [query.term], snapshot, boost, query.among);
    case "phrase":
      return phrase(query, snapshot, boost);
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
      );
    case "bool":
      return bool(query, snapshot, boost);
    case "rescore":
      return query.boostsLast === true
        ? rescore(execute(query.query, snapshot), query.prepare(snapshot), boost)
        : rescore(execute(query.query, snapshot, boost), query.prepare(snapshot), 1);
  }
}

/** The documents of a query, without their scores. */
export function documents(query: Query, snapshot: Snapshot): readonly number[] {
  if (query.k === "set") return query.docs(snapshot);
  if (query.k === "term") return docsOf(query.field, query.terms, snapshot);
  return execute(query, snapshot).docs;
}

export function liveDocs(snapshot: Snapshot): number[] {
  const docs: number[] = [];
  for (const { segment, base, live } of snapshot.leaves) {
    for (let doc = 0; doc < segment.docs.length; doc++) if (live === undefined || live.has(doc)) docs.push(base + doc);
  }
  return docs;
}

/** Keywords and the like have no norms: their length counts as 1. */
const norm = (index: FieldIndex, doc: number) => index.norms?.get(doc) ?? 1;

/** Scores with the highest document frequency of the terms `among` which they are. */
function terms(field: string, names: readonly string[], snapshot: Snapshot, boost: number, among = names): Matches {
  const indexes = snapshot.fields(field);
  const docFreq = Math.max(...among.map((name) => snapshot.docFreq(field, name)));
  if (docFreq === 0) return noMatches;
  const statistics = snapshot.statistics(field);
  const score = scorer(boost, idf(docFreq, statistics.docCount), statistics);
  const docs: number[] = [];
  const scores: number[] = [];
  for (const { index, leaf } of indexes) {
    const postings = names.flatMap((name) => index.postings.get(name) ?? []);
    for (const [doc, freq] of frequencies(postings)) {
      if (leaf.live !== undefined && !leaf.live.has(doc)) continue;
      docs.push(leaf.base + doc);
      scores.push(score(freq, norm(index, doc)));
    }
  }
  return { docs, scores };
}

/** The documents of any of the terms, in order. */
function docsOf(field: string, names: readonly string[], snapshot: Snapshot): number[] {
  const docs: number[] = [];
  for (const { index, leaf } of snapshot.fields(field)) {
    const [first, ...more] = names.flatMap((name) => index.postings.get(name) ?? []);
    if (first === undefined) continue;
    const found = more.length === 0 ? first.docs : [...frequencies([first, ...more])].map(([doc]) => doc);
    for (const doc of found) if (leaf.live === undefined || leaf.live.has(doc)) docs.push(leaf.base + doc);
  }
  return docs;
}

function frequencies(postings: readonly Posting[]): Iterable<readonly [number, number]> {
  const [first] = postings;
  if (first === undefined) return [];
  if (postings.length === 1) return first.docs.map((doc, at) => [doc, first.freqs[at]!] as const);
  const freqs = new Map<number, number>();
  for (const { docs, freqs: counts } of postings) {
    for (const [at, doc] of docs.entries()) freqs.set(doc, (freqs.get(doc) ?? 0) + counts[at]!);
  }
  return [...freqs].toSorted(([a], [b]) => a - b);
}

function phrase(query: Extract<Query, { k: "phrase" }>, snapshot: Snapshot, boost: number): Matches {
  const { field, parts, slop } = query;
  const statistics = snapshot.statistics(field);
  const used = parts.flatMap((part) => part.terms).map((name) => snapshot.docFreq(field, name));
  const idfSum = fround(
    used.filter((docFreq) => docFreq > 0).reduce((sum, docFreq) => sum + idf(docFreq, statistics.docCount), 0),
  );
  const score = scorer(boost, idfSum, statistics);
  const docs: number[] = [];
  const scores: number[] = [];
  for (const { index, leaf } of snapshot.fields(field)) {
    for (const [doc, freq] of phraseFrequencies(index, leaf, parts, slop)) {
      docs.push(leaf.base + doc);
      scores.push(score(freq, norm(index, doc)));
    }
  }
  return { docs, scores };
}

type Parts = Extract<Query, { k: "phrase" }>["parts"];

function* phraseFrequencies(
  index: FieldIndex,
  leaf: Leaf,
  parts: Parts,
  slop: number,
): Generator<readonly [number, number]> {
  const columns = parts.map((part) => positionsByDoc(index, part.terms));
  const candidates = columns.map((column) => [...column.keys()].toSorted((a, b) => a - b)).reduce(intersect);
  const offsets = parts.map(({ position }) => position);
  const same = parts.map((part) => parts.findIndex((other) => other.terms.some((name) => part.terms.includes(name))));
  for (const doc of candidates) {
    if (leaf.live !== undefined && !leaf.live.has(doc)) continue;
    const lists = columns.map((column) => column.get(doc)!);
    const shifted = lists.map((list, part) => list.map((position) => position - offsets[part]!));
    const freq = slop === 0 ? exactMatches(shifted) : sloppyFrequency(lists, offsets, same, slop);
    if (freq > 0) yield [doc, freq];
  }
}

function positionsByDoc(index: FieldIndex, names: readonly string[]): Map<number, readonly number[]> {
  const column = new Map<number, readonly number[]>();
  for (const name of names) {
    const posting = index.postings.get(name);
    posting?.docs.forEach((doc, at) => {
      const others = column.get(doc);
      const positions = posting.positions[at]!;
      column.set(doc, others === undefined ? positions : [...others, ...positions].toSorted((a, b) => a - b));
    });
  }
  return column;
}

/** The best score, and `tie` of the others (DisjunctionMaxScorer). */
function disMax(lists: readonly Matches[], tie: number): Matches {
  const best = new Map<number, { max: number; others: number }>();
  for (const { docs, scores } of lists) {
    docs.forEach((doc, at) => {
      const score = scores[at]!;
      const known = best.get(doc);
      if (known === undefined) best.set(doc, { max: score, others: 0 });
      else if (score >= known.max) best.set(doc, { max: score, others: known.others + known.max });
      else known.others += score;
    });
  }
  const docs = [...best.keys()].toSorted((a, b) => a - b);
  return { docs, scores: docs.map((doc) => fround(best.get(doc)!.max + best.get(doc)!.others * fround(tie))) };
}

/** Required and optional clauses are summed apart as doubles and rounded, then together (BooleanWeight and ReqOptSumScorer). */
function bool({ must, filter, should, not, minimum }: Bool, snapshot: Snapshot, boost: number): Matches {
  const required = must.map((one) => execute(one, snapshot, boost));
  const optional = should.map((one) => execute(one, snapshot, boost));
  const must_ = required.length > 0 ? sums(required) : undefined;
  const should_ = optional.length > 0 ? sums(optional) : undefined;
  const least = Math.max(minimum, must.length + filter.length === 0 ? 1 : 0);
  const lists = [...required.map(({ docs }) => docs), ...filter.map((one) => documents(one, snapshot))];
  if (least > 0) lists.push(should_?.docs.filter((doc) => should_.counts.get(doc)! >= least) ?? []);
  const docs = without(
    lists.reduce((a, b) => intersect(a, b)),
    not.map((one) => documents(one, snapshot)),
  );
  const scores = docs.map((doc) => {
    const sure = must_ === undefined ? 0 : fround(must_.totals.get(doc)!);
    const extra = should_?.totals.get(doc);
    return extra === undefined ? sure : fround(sure + fround(extra));
  });
  return { docs, scores };
}

function rescore({ docs, scores }: Matches, change: Rescorer, boost: number): Matches {
  const kept = docs.flatMap((doc, at) => {
    const score = change(doc, scores[at]!, boost);
    return score === undefined ? [] : [[doc, score] as const];
  });
  return { docs: kept.map(([doc]) => doc), scores: kept.map(([, score]) => score) };
}
