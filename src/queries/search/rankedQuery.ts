import type { AnalysedQuery } from "../../domain/searchText/analyseQuery.ts";
import { anyOf, type Clause, scored } from "./dsl.ts";
import { exactClauses, matchClauses, recommendedClause } from "./tiers.ts";

/** The order of the hits within each list. */
export type Order = "relevance" | "heat" | "updated" | "words" | "collected";

type Sort = readonly Readonly<
  Record<string, { readonly order: "asc" | "desc"; readonly missing?: "_last" | number }>
>[];

/** A missing whole number counts as -1: as `_last` it would be -2^63, which JSON rounds in a cursor, and pages would repeat without end. */
const chosenSorts = {
  heat: { heat: { order: "desc", missing: "_last" } },
  updated: { updatedAt: { order: "desc", missing: "_last" } },
  words: { words: { order: "desc", missing: -1 } },
  collected: { shelves: { order: "desc", missing: -1 } },
} as const satisfies Record<Exclude<Order, "relevance">, Sort[number]>;

/** Matches the visible books of all three lists, each with its highest score; `sort` ends in a unique field. */
export function rankedQuery(analysed: AnalysedQuery, order: Order): { readonly query: Clause; readonly sort: Sort } {
  const exact = exactClauses(analysed);
  const matches = matchClauses(analysed);
  const recommended = recommendedClause(analysed);
  const queries =
    order === "relevance"
      ? [...exact, ...matches, recommended]
      : [scored(90_000, anyOf(exact)), scored(50_000, anyOf(matches)), scored(1, recommended)];
  return {
    query: { bool: { must: [{ dis_max: { queries } }], filter: [{ term: { visible: true } }] } },
    sort: [{ _score: { order: "desc" } }, ...sortWithin(order)],
  };
}

/** The order of hits of equal score; of relevance it is that of heat. It ends in a unique field. */
export function sortWithin(order: Order): Sort {
  const chosen = order === "relevance" ? [] : [chosenSorts[order]];
  return [...chosen, { heat: { order: "desc", missing: "_last" } }, { bookId: { order: "asc" } }];
}
