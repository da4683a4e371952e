import { type Bool, bool, boosted, constant, none, type Query, sameQueries } from "./query.ts";
import { rewriteBool } from "./rewriteBool.ts";

const { fround } = Math;

/**
 * Rewrites a query to the form in which Lucene scores it, which decides where scores are summed and rounded:
 * the steps are those of Query.rewrite in Lucene 10.4.
 */
export function rewrite(query: Query): Query {
  switch (query.k) {
    case "bool":
      return rewriteBool(query, rewrite, withoutScores);
    case "boost":
      return rewriteBoost(query, rewrite(query.query));
    case "constant": {
      const inner = withoutScores(query.query);
      if (inner.k === "none" || inner.k === "all") return inner;
      return inner === query.query ? query : constant(inner);
    }
    case "dismax": {
      const disMax = rewriteDisMax(query.queries, query.tie);
      return disMax.k === "dismax" && sameQueries(disMax.queries, query.queries) ? query : disMax;
    }
    case "rescore": {
      const inner = rewrite(query.query);
      return inner === query.query ? query : { ...query, query: inner };
    }
    default:
      return query;
  }
}

function rewriteBoost(given: Extract<Query, { k: "boost" }>, query: Query): Query {
  const { boost } = given;
  if (boost === 1 || query.k === "none") return query;
  if (query.k === "boost") {
    const both = { k: "boost", query: query.query, boost: fround(query.boost * boost) } as const;
    return rewriteBoost(both, both.query);
  }
  if (boost === 0 && query.k !== "constant") return { k: "boost", query: constant(query), boost };
  return query === given.query ? given : boosted(query, boost);
}

function rewriteDisMax(queries: readonly Query[], tie: number): Query {
  if (queries.length === 0) return none;
  if (queries.length === 1) return rewrite(queries[0]!);
  if (tie === 1) return rewrite(bool({ should: queries }));
  const kept = queries.map(rewrite).filter(({ k }) => k !== "none");
  return kept.length > 1 ? { k: "dismax", queries: kept, tie } : (kept[0] ?? none);
}

/** The documents of a query only. */
export function withoutScores(query: Query): Query {
  switch (query.k) {
    case "boost":
    case "constant":
      return withoutScores(query.query);
    case "bool":
      return rewrite(filtering(query));
    default:
      return rewrite(query);
  }
}

/** Required clauses become filters; optional ones are dropped if they have no effect. */
function filtering({ must, filter, should, not, minimum }: Bool): Bool {
  const keepsShould = minimum > 0 || must.length + filter.length === 0;
  const required = [...must, ...filter].map(unwrapped);
  return bool({ filter: required, should: keepsShould ? should.map(unwrapped) : [], not: not.map(unwrapped), minimum });
}

const unwrapped = (query: Query): Query =>
  query.k === "boost" || query.k === "constant" ? unwrapped(query.query) : query;
