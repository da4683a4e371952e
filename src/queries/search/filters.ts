import { anyOf, type Clause } from "./dsl.ts";

/** From `min` to `max` words, inclusive; null is unbounded. */
export type WordBounds = { readonly min: number | null; readonly max: number | null };

/** The filters of a search; null for all. */
export type Filters<Words extends string = string> = {
  /** The id of a category or sub-category. */
  readonly category: string | null;
  readonly status: string | null;
  readonly channel: string | null;
  readonly words: Words | null;
};

export type WordRanges<Words extends string = string> = Readonly<Record<Words, WordBounds>>;

/** A clause for each filter that is set. */
export function filterClauses(filters: Filters, ranges: WordRanges): Partial<Record<keyof Filters, Clause>> {
  const { category, status, channel, words } = filters;
  return {
    ...(category !== null && {
      category: anyOf([{ term: { categoryId: category } }, { term: { subCategoryId: category } }]),
    }),
    ...(status !== null && { status: { term: { status } } }),
    ...(channel !== null && { channel: { term: { channel } } }),
    ...(words !== null && { words: { range: { words: rangeOf(ranges[words] ?? { min: null, max: null }) } } }),
  };
}

/** The bounds as an Elasticsearch range. */
export function rangeOf({ min, max }: WordBounds): { readonly gte?: number; readonly lte?: number } {
  return { ...(min !== null && { gte: min }), ...(max !== null && { lte: max }) };
}
