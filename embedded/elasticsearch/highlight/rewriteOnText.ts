import { Failure } from "../json/failure.ts";
import { bool, constant, none, type Query, sameQueries } from "../scoring/query.ts";

type Rescore = Extract<Query, { k: "rescore" }>;

/** Elasticsearch's own function_score; `boosting`, which changes scores too, is Lucene's. */
export const isFunctionScore = (query: Query): query is Rescore => query.k === "rescore" && query.boostsLast !== true;

/** Lucene's error for a query that needs the fields of the index of the highlighted text. */
export const noFields = () => new Failure("unsupported_operation_exception", null, { status: 500 });

/**
 * One step of Lucene's Query.rewrite on an index of the highlighted text alone; the same object if nothing changes. It applies to a
 * `function_score` directly within another one. Afterwards the highlighter does not find terms of a pattern. Throws `noFields`.
 */
export function rewriteOnText(query: Query): Query {
  switch (query.k) {
    case "set":
      if (query.asksForFields !== undefined) throw noFields();
      return query.terms === undefined ? query : { k: "set", key: query.key, docs: query.docs };
    case "boost":
    case "constant": {
      const inner = rewriteOnText(query.query);
      return inner === query.query ? query : { ...query, query: inner };
    }
    case "rescore": {
      const inner = rewriteOnText(query.query);
      query.beside.forEach(rewriteOnText);
      return inner === query.query ? query : { ...query, query: inner };
    }
    case "dismax": {
      const [only] = query.queries;
      if (only !== undefined && query.queries.length === 1) return only;
      if (query.tie === 1) return bool({ should: query.queries });
      const queries = query.queries.map(rewriteOnText);
      return sameQueries(queries, query.queries) ? query : { ...query, queries };
    }
    case "phrase":
      return query.isExpanded === true ? { ...query, isExpanded: false } : query;
    case "bool":
      return rewriteBool(query);
    default:
      return query;
  }
}

/** A single clause replaces the query as it is; otherwise each is rewritten. */
function rewriteBool(query: Extract<Query, { k: "bool" }>): Query {
  const { must, filter, should, not } = query;
  // It becomes the terms that it finds in the text.
  if (query.terms !== undefined) return { ...query };
  const all = [...must, ...filter, ...should, ...not];
  const [only] = all;
  if (only !== undefined && all.length === 1) {
    if (not.length > 0) return none;
    return filter.length > 0 ? { k: "boost", query: constant(only), boost: 0 } : only;
  }
  const changed = all.map(rewriteOnText);
  if (sameQueries(changed, all)) return query;
  const next = (list: readonly Query[]) => changed.splice(0, list.length);
  return { ...query, must: next(must), filter: next(filter), should: next(should), not: next(not) };
}
