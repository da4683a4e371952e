import type { Snapshot } from "../index/snapshot.ts";
import type { Docs } from "./matches.ts";

/** A Lucene query, after analysis and mapping. */
export type Query =
  | { readonly k: "all" }
  | { readonly k: "none" }
  /** Any of the terms counts as one: Lucene's TermQuery, and SynonymQuery for several. */
  | { readonly k: "term"; readonly field: string; readonly terms: readonly string[] }
  /** A term scored with the highest document frequency among its group, and their shared statistics. */
  | { readonly k: "blended"; readonly field: string; readonly term: string; readonly among: readonly string[] }
  | {
      readonly k: "phrase";
      readonly field: string;
      readonly parts: readonly PhrasePart[];
      readonly slop: number;
      /** Its last part are the terms with a prefix. */
      readonly isExpanded?: boolean;
    }
  | Bool
  | { readonly k: "dismax"; readonly queries: readonly Query[]; readonly tie: number }
  | { readonly k: "constant"; readonly query: Query }
  | { readonly k: "boost"; readonly query: Query; readonly boost: number }
  /** A set of documents; `key` identifies it. The score is 1. */
  | {
      readonly k: "set";
      readonly key: string;
      /** The terms that they match, for highlights. */
      readonly terms?: TermSet;
      /**
       * Lucene rewrites it by the index's data about its field: an integer field or another one (highlights fail on it).
       */
      readonly asksForFields?: "whole" | "other";
      docs(snapshot: Snapshot): Docs;
    }
  /** Changes the score of each document, or drops it. A boost is the inner query's, or (`boostsLast`) the rescorer's. */
  | {
      readonly k: "rescore";
      readonly key: string;
      readonly boostsLast?: boolean;
      readonly query: Query;
      /** The filters of its functions, which are rewritten with it. */
      readonly beside: readonly Query[];
      prepare(snapshot: Snapshot): Rescorer;
    };

/** Terms of a field by a test. `weightOf` is the weight of a term in a highlight, 1 by default. */
export type TermSet = { readonly field: string; passes(term: string): boolean; weightOf?(term: string): number };
export type PhrasePart = { readonly terms: readonly string[]; readonly position: number };
export type Rescorer = (doc: number, score: number, boost: number) => number | undefined;
export type Bool = {
  readonly k: "bool";
  readonly must: readonly Query[];
  readonly filter: readonly Query[];
  readonly should: readonly Query[];
  readonly not: readonly Query[];
  readonly minimum: number;
  /** The terms that a highlight marks instead of the clauses: a fuzzy term finds other terms in each text. */
  readonly terms?: TermSet;
};

export const all: Query = { k: "all" };
export const none: Query = { k: "none" };
/**
 * Queries that Elasticsearch knows to match everything or nothing before it calls Lucene (QueryBuilder.rewrite): a `bool` that
 * requires nothing, or excludes everything, matches nothing too, and none of its clauses is marked in highlights.
 */
export const matchAll: Query = { k: "all" };
export const matchNone: Query = { k: "none" };
export const isMatchAll = (query: Query): boolean => unboosted(query) === matchAll;
export const isMatchNone = (query: Query): boolean => unboosted(query) === matchNone;
const unboosted = (query: Query): Query => (query.k === "boost" ? query.query : query);
export const term = (field: string, ...terms: string[]): Query => ({ k: "term", field, terms });
export const constant = (query: Query): Query => ({ k: "constant", query });
export const boosted = (query: Query, boost: number): Query => (boost === 1 ? query : { k: "boost", query, boost });

export function bool(parts: Partial<Omit<Bool, "k">>): Bool {
  return { k: "bool", must: [], filter: [], should: [], not: [], minimum: 0, ...parts };
}

/** Returns whether both lists have the same objects: nothing was changed. */
export function sameQueries(one: readonly Query[], other: readonly Query[]): boolean {
  return one.length === other.length && one.every((query, at) => query === other[at]);
}

/** A hash: different values mean different queries. Much cheaper than `keyOf` for a large query. */
export function hintOf(query: Query): string {
  switch (query.k) {
    case "term":
      return `term ${query.field} ${query.terms[0]}`;
    case "blended":
      return `term ${query.field} ${query.term}`;
    case "phrase":
      return `phrase ${query.field} ${query.parts.length} ${query.parts[0]?.terms[0]}`;
    case "set":
      return `set ${query.key}`;
    case "constant":
      return `constant ${hintOf(query.query)}`;
    case "boost":
      return `boost ${query.boost} ${hintOf(query.query)}`;
    default:
      return query.k;
  }
}

const keys = new WeakMap<Query, string>();

/** Equal for equal queries. */
export function keyOf(query: Query): string {
  let key = keys.get(query);
  if (key === undefined) {
    key = keyFor(query);
    keys.set(query, key);
  }
  return key;
}

function keyFor(query: Query): string {
  switch (query.k) {
    case "all":
    case "none":
      return query.k;
    case "term":
      return `term(${JSON.stringify([query.field, ...query.terms])})`;
    case "blended":
      return keyOf(term(query.field, query.term));
    case "phrase":
      return `phrase(${JSON.stringify([query.field, query.parts, query.slop])})`;
    case "set":
      return `set(${query.key})`;
    case "rescore":
      return `rescore(${query.key},${keyOf(query.query)})`;
    case "constant":
      return `constant(${keyOf(query.query)})`;
    case "boost":
      return `boost(${query.boost},${keyOf(query.query)})`;
    case "dismax":
      return `dismax(${query.tie},${query.queries.map(keyOf).sort().join()})`;
    case "bool": {
      const lists = [query.must, query.filter, query.should, query.not];
      return `bool(${query.minimum};${lists.map((list) => list.map(keyOf).sort().join()).join(";")})`;
    }
  }
}
