import { allOf, type Clause } from "./dsl.ts";
import { type Filters, filterClauses, rangeOf, type WordRanges } from "./filters.ts";

/** The number of books if this filter replaced the chosen one of its kind, with the others unchanged. */
type Count = { readonly value: string; readonly books: number };
export type Facets = {
  readonly categories: readonly Count[];
  readonly statuses: readonly Count[];
  readonly channels: readonly Count[];
  readonly words: readonly Count[];
};

const maxCategories = 50;

/** The aggregations of the facets: each applies the filters of the other kinds. */
export function facetAggregations(filters: Filters, ranges: WordRanges): Readonly<Record<string, object>> {
  const chosen = filterClauses(filters, ranges);
  const under = (kind: keyof Filters, aggregation: object) => {
    const others = (Object.entries(chosen) as [keyof Filters, Clause][]).filter(([other]) => other !== kind);
    return {
      filter: allOf([{ term: { visible: true } }, ...others.map(([, clause]) => clause)]),
      aggs: { of: aggregation },
    };
  };
  const counted = (field: string, size: number) => ({ terms: { field, size } });
  const wordFilters = Object.entries(ranges).map(
    ([name, bounds]) => [name, { range: { words: rangeOf(bounds) } }] as const,
  );
  return {
    categories: under("category", counted("categoryId", maxCategories)),
    statuses: under("status", counted("status", 10)),
    channels: under("channel", counted("channel", 10)),
    words: under("words", { filters: { filters: Object.fromEntries(wordFilters) } }),
  };
}

type Buckets = { readonly of: { readonly buckets: readonly { key: string; doc_count: number }[] } };
type NamedBuckets = { readonly of: { readonly buckets: Readonly<Record<string, { doc_count: number }>> } };

/** The facets from a response to `facetAggregations`, the largest first; the lengths in their own order. */
export function facetsOf(aggregations: unknown, ranges: WordRanges): Facets {
  const of = aggregations as Readonly<Record<"categories" | "statuses" | "channels", Buckets>> & {
    words: NamedBuckets;
  };
  const listed = ({ of: { buckets } }: Buckets) =>
    buckets.map(({ key, doc_count }) => ({ value: key, books: doc_count }));
  return {
    categories: listed(of.categories),
    statuses: listed(of.statuses),
    channels: listed(of.channels),
    words: Object.keys(ranges).map((value) => ({ value, books: of.words.of.buckets[value]?.doc_count ?? 0 })),
  };
}
