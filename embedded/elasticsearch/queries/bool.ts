import { type Node, text, tokenName } from "../json/node.ts";
import { booleanValue, type FieldReader, readObject, xContentException } from "../json/reader.ts";
import {
  all,
  type Bool,
  bool as boolQuery,
  isMatchAll,
  isMatchNone,
  matchAll,
  matchNone,
  type Query,
} from "../scoring/query.ts";
import { newCommon, readCommon, withCommon } from "./common.ts";
import type { Clause, QueryParser } from "./context.ts";
import { minimumShouldMatch } from "./minimumShouldMatch.ts";

/** Without clauses it matches all documents; with only exclusions all others, with a score of 0. */
export const bool: QueryParser = (body, source, inner) => {
  const common = newCommon();
  const clauses: Record<"must" | "filter" | "should" | "not", Clause[]> = { must: [], filter: [], should: [], not: [] };
  let minimum: string | undefined;
  let adjust = true;
  const into =
    (list: Clause[]): FieldReader =>
    (value) => {
      if (value.kind === "null") return;
      for (const item of value.kind === "array" ? value.items : [value])
        if (item.kind !== "null") list.push(inner(item));
    };
  const shared: FieldReader = (value, { key }) => void readCommon(common, key, value, () => ({ bool: {} }));
  for (const { key, value } of body.entries) checkKind(key, value);
  readObject(source, "bool", body, {
    must: into(clauses.must),
    filter: into(clauses.filter),
    should: into(clauses.should),
    must_not: into(clauses.not),
    mustNot: into(clauses.not),
    minimum_should_match: (value) => {
      minimum = text(value) ?? undefined;
    },
    adjust_pure_negative: (value) => {
      adjust = booleanValue(value);
    },
    boost: shared,
    _name: shared,
  });

  function checkKind(key: string, value: Node): void {
    const isClause = ["must", "filter", "should", "must_not", "mustNot"].includes(key);
    if (!isClause || value.kind === "object" || value.kind === "array" || value.kind === "null") return;
    throw xContentException(source, value.start, `[bool] ${key} doesn't support values of type: ${tokenName(value)}`);
  }

  return withCommon(common, (target) => {
    const make = (list: readonly Clause[]): Query[] => list.map((clause) => clause(target));
    const query = boolQuery({
      must: make(clauses.must),
      filter: make(clauses.filter),
      should: make(clauses.should),
      not: make(clauses.not),
    });
    const count = query.must.length + query.filter.length + query.should.length;
    if (count + query.not.length === 0) return matchAll;
    if (isNothing(query)) return matchNone;
    const wanted = minimum === undefined ? 0 : minimumShouldMatch(query.should.length, minimum);
    // Only exclusions: Elasticsearch loses the minimum as it adds all documents.
    return adjust && count === 0 ? { ...query, filter: [all] } : { ...query, minimum: Math.max(0, wanted) };
  });
};

/** As in BoolQueryBuilder.doRewrite, before the index is read. */
function isNothing({ must, filter, should, not }: Bool): boolean {
  if ([...must, ...filter].some(isMatchNone) || not.some(isMatchAll)) return true;
  return must.length + filter.length + not.length === 0 && should.length > 0 && should.every(isMatchNone);
}
