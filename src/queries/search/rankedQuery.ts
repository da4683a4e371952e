import type { AnalysedQuery } from "../../domain/search/analyseQuery.ts";
import { anyOf, type Clause, scored } from "./dsl.ts";
import { exactClauses, matchClauses, recommendedClause } from "./tiers.ts";

/** The order of the hits within each list. */
export type Order = "relevance" | "heat" | "updated" | "words" | "collected";

type Sort = readonly Readonly<Record<string, { readonly order: "asc" | "desc"; readonly missing?: "_last" }>>[];

const fields = { heat: "heat", updated: "updatedAt", words: "words", collected: "shelves" } as const;

/** Matches the visible books of all three lists, each with its highest score; `sort` ends in a unique field. */
export function rankedQuery(analysed: AnalysedQuery, order: Order): { readonly query: Clause; readonly sort: Sort } {
  const exact = exactClauses(analysed);
  const matches = matchClauses(analysed);
  const recommended = recommendedClause(analysed);
  const queries =
    order === "relevance"
      ? [...exact, ...matches, recommended]
      : [scored(9_000, anyOf(exact)), scored(5_000, anyOf(matches)), scored(1, recommended)];
  const chosen = order === "relevance" ? [] : [{ [fields[order]]: { order: "desc", missing: "_last" } as const }];
  return {
    query: { bool: { must: [{ dis_max: { queries } }], filter: [{ term: { visible: true } }] } },
    sort: [
      { _score: { order: "desc" } },
      ...chosen,
      { heat: { order: "desc", missing: "_last" } },
      { bookId: { order: "asc" } },
    ],
  };
}
