import { docFreq } from "../index/postings.ts";
import type { Leaf } from "../index/snapshot.ts";
import type { Bool, Query } from "./query.ts";

/**
 * Returns the number of live documents of a segment that a rewritten query matches, if Lucene knows it without reading postings
 * (Weight.count); else undefined.
 */
export function countInSegment(query: Query, leaf: Leaf): number | undefined {
  switch (query.k) {
    case "all":
      return aliveIn(leaf);
    case "none":
      return 0;
    case "term":
      return query.terms.length === 1 && leaf.live === undefined
        ? documentsWith(query.field, query.terms[0]!, leaf)
        : undefined;
    case "constant":
    case "boost":
      return countInSegment(query.query, leaf);
    case "bool":
      return countOfBool(query, leaf);
    default:
      return undefined;
  }
}

/** BooleanWeight.count. */
function countOfBool({ must, filter, should, not, minimum }: Bool, leaf: Leaf): number | undefined {
  const all = aliveIn(leaf);
  const required = [...must, ...filter];
  let found: number | undefined;
  if (required.length === 0 && not.length === 0 && minimum <= 1) found = ofAny(should, leaf, all);
  else if (required.length > 0 && minimum === 0) found = ofEach(required, leaf, all);
  if (found === undefined || found === 0) return found;
  const excluded = ofAny(not, leaf, all);
  if (excluded === 0) return found;
  if (excluded === all) return 0;
  return excluded !== undefined && found === all ? all - excluded : undefined;
}

function ofEach(clauses: readonly Query[], leaf: Leaf, all: number): number | undefined {
  let least = all;
  for (const clause of clauses) {
    const count = countInSegment(clause, leaf);
    if (count === undefined || count === 0) return count;
    if (count !== all && least !== all) return undefined;
    least = Math.min(least, count);
  }
  return least;
}

function ofAny(clauses: readonly Query[], leaf: Leaf, all: number): number | undefined {
  let most = 0;
  for (const clause of clauses) {
    const count = countInSegment(clause, leaf);
    if (count === undefined || count === all) return count;
    if (count > 0 && most > 0) return undefined;
    most += count;
  }
  return most;
}

const aliveIn = ({ segment, live }: Leaf) => live?.count() ?? segment.docs.length;

function documentsWith(field: string, term: string, { segment }: Leaf): number {
  const index = segment.index(field);
  return index === undefined ? 0 : docFreq(index, term);
}
