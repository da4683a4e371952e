import { anyOf, type Clause } from "./dsl.ts";

/** From `least` words to `most`, both included; null is no bound. */
export type WordBounds = { readonly least: number | null; readonly most: number | null };

/** What a reader narrows the results by; null for all. */
export type Filters<Words extends string = string> = {
  /** The id of a category, or of a sub-category. */
  readonly category: string | null;
  readonly status: string | null;
  readonly channel: string | null;
  readonly words: Words | null;
};

export type WordRanges<Words extends string = string> = Readonly<Record<Words, WordBounds>>;

/** A clause for each filter that is given. */
export function filterClauses(filters: Filters, ranges: WordRanges): Partial<Record<keyof Filters, Clause>> {
  const { category, status, channel, words } = filters;
  return {
    ...(category !== null && {
      category: anyOf([{ term: { categoryId: category } }, { term: { subCategoryId: category } }]),
    }),
    ...(status !== null && { status: { term: { status } } }),
    ...(channel !== null && { channel: { term: { channel } } }),
    ...(words !== null && { words: { range: { words: rangeOf(ranges[words] ?? { least: null, most: null }) } } }),
  };
}

/** The bounds as a range of Elasticsearch. */
export function rangeOf({ least, most }: WordBounds): { readonly gte?: number; readonly lte?: number } {
  return { ...(least !== null && { gte: least }), ...(most !== null && { lte: most }) };
}
