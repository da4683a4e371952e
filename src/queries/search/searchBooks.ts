import { analyseQuery } from "../../domain/searchText/analyseQuery.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type BooksIndex, type Hit, openPointInTime, type SortValue, search, searchIn } from "./booksIndex.ts";
import { allOf, type Clause } from "./dsl.ts";
import { type Facets, facetAggregations, facetsOf } from "./facets.ts";
import { type Filters, filterClauses, type WordRanges } from "./filters.ts";
import { type Order, rankedQuery } from "./rankedQuery.ts";
import { type ShownBook, shownBooks } from "./shownBooks.ts";
import { inOrder, similarHot } from "./similarHot.ts";
import { type Tier, tierOf } from "./tiers.ts";

/** The number of books that keep the order of the first page. */
export const maxKept = 200;

/** With fewer recommended books than this, similar ones are added. */
const fewRecommended = 10;

/**
 * Where a page starts. `ids` are the first books in the order of the first page, up to 200: the first `exact` and the next
 * `matches` of them belong to those lists; `at` is the index of the next one. After them the search continues in a point in
 * time, after the sort values `after`.
 */
export type SearchPlace = {
  readonly ids: readonly string[];
  readonly exact: number;
  readonly matches: number;
  readonly at: number;
  readonly total: number;
  readonly pit?: string | undefined;
  readonly after?: readonly SortValue[] | undefined;
};

export type SearchQuestion = {
  readonly typed: string;
  readonly filters: Filters;
  readonly order: Order;
  readonly limit: number;
  readonly place: SearchPlace | null;
};

export type SearchPage = Readonly<Record<Tier, readonly ShownBook[]>> & {
  /** On the first page only. */
  readonly facets: Facets | null;
  /** The number of books that the text finds; 10,000 means that many or more. Books that fill up the recommended ones do not count. */
  readonly total: number;
  readonly next: SearchPlace | null;
};

/** The dependencies of searches. */
export type SearchDependencies = { readonly index: BooksIndex; readonly pool: Pool; readonly ranges: WordRanges };

/**
 * A page of a search: 精准 (exact), 高匹配 (matches), 推荐 (recommended); each book is in one list. The first 200 books keep the order
 * of the first page despite concurrent writes. Rejects with SearchUnavailable and SearchCursorLost.
 */
export async function searchBooks(deps: SearchDependencies, question: SearchQuestion): Promise<SearchPage> {
  const { place, limit } = question;
  if (place === null) return firstPage(deps, question);
  if (place.at < place.ids.length) return keptPage(deps, question, place, place.at + limit);
  return laterPage(deps, question, place);
}

function bodyOf({ ranges }: SearchDependencies, { typed, order, filters }: SearchQuestion) {
  const { query, sort } = rankedQuery(analyseQuery(typed), order);
  return { query, sort, post_filter: allOf(Object.values(filterClauses(filters, ranges))), _source: false as const };
}

async function firstPage(deps: SearchDependencies, question: SearchQuestion): Promise<SearchPage> {
  const { hits, total, aggregations } = await search(deps.index, {
    ...bodyOf(deps, question),
    aggs: facetAggregations(question.filters, deps.ranges),
    size: maxKept,
  });
  const tiers = hits.map(({ score }) => tierOf(score));
  const of = (tier: Tier) => tiers.filter((other) => other === tier).length;
  const sure = of("exact") + of("matches");
  const found = hits.map(({ id }) => id);
  const recommended = await filledUp(deps, question, hits, found.slice(sure));
  const ids = [...found.slice(0, sure), ...recommended];
  const place = { ids, exact: of("exact"), matches: of("matches"), at: 0, total };
  const page = await keptPage(deps, question, place, question.limit);
  return { ...page, facets: facetsOf(aggregations, deps.ranges) };
}

/**
 * Adds recommendations: books that the text finds, and if they are few, hot books: behind them by relevance, else among them in
 * the chosen order.
 */
async function filledUp(
  deps: SearchDependencies,
  question: SearchQuestion,
  hits: readonly Hit[],
  found: readonly string[],
): Promise<readonly string[]> {
  const more = found.length < fewRecommended ? await moreRecommended(deps, question, hits) : [];
  const all = [...found, ...more];
  return question.order === "relevance" || more.length === 0 ? all : inOrder(deps.index, all, question.order);
}

/** Hot books in the category of the first hit. */
async function moreRecommended(
  { index, ranges }: SearchDependencies,
  { filters }: SearchQuestion,
  hits: readonly Hit[],
): Promise<readonly string[]> {
  const [first] = hits;
  const limit = Math.min(fewRecommended, maxKept - hits.length);
  const categoryId = first === undefined || limit <= 0 ? undefined : await categoryOf(index, first.id);
  if (categoryId === undefined) return [];
  const but = hits.map(({ id }) => id);
  return similarHot(index, { categoryId, but, limit, filters: Object.values(filterClauses(filters, ranges)) });
}

/** Asked for alone: few searches need it, and each of 200 hits would carry its own. */
async function categoryOf(index: BooksIndex, bookId: string): Promise<string | undefined> {
  const { hits } = await search(index, {
    query: { ids: { values: [bookId] } },
    docvalue_fields: ["categoryId"],
    size: 1,
    _source: false,
  });
  const categoryId = hits[0]?.fields.categoryId?.[0];
  return typeof categoryId === "string" ? categoryId : undefined;
}

/** Books whose order the first page determined. */
async function keptPage(
  deps: SearchDependencies,
  { typed }: SearchQuestion,
  place: SearchPlace,
  end: number,
): Promise<SearchPage> {
  const { ids, exact, matches, at, total } = place;
  const tierAt = (index: number): Tier =>
    index < exact ? "exact" : index < exact + matches ? "matches" : "recommended";
  const page = ids.slice(at, end).map((id, index) => ({ id, tier: tierAt(at + index) }));
  const isLast = end >= ids.length && total <= ids.length;
  return {
    ...(await listed(deps, typed, page)),
    facets: null,
    total,
    next: isLast ? null : { ...place, at: Math.min(end, ids.length) },
  };
}

/** Later books, from the point in time, without those that were on earlier pages. */
async function laterPage(deps: SearchDependencies, question: SearchQuestion, place: SearchPlace): Promise<SearchPage> {
  const { limit, typed } = question;
  const { query, ...body } = bodyOf(deps, question);
  const pit = place.pit ?? (await openPointInTime(deps.index));
  const before: Clause = { ids: { values: place.ids } };
  const found = await searchIn(deps.index, pit, {
    ...body,
    query: { bool: { must: [query], must_not: [before] } },
    ...(place.after !== undefined && { search_after: place.after }),
    size: limit + 1,
  });
  const hits = found.hits.slice(0, limit);
  const page = hits.map(({ id, score }) => ({ id, tier: tierOf(score) }));
  const after = hits.at(-1)?.sort;
  const isLast = found.hits.length <= limit || after === undefined;
  const next = isLast ? null : { ...place, pit: found.pit, after };
  return { ...(await listed(deps, typed, page)), facets: null, total: place.total, next };
}

type Placed = { readonly id: string; readonly tier: Tier };

async function listed(
  { pool }: SearchDependencies,
  typed: string,
  page: readonly Placed[],
): Promise<Record<Tier, readonly ShownBook[]>> {
  const books = await shownBooks(
    pool,
    typed,
    page.map(({ id }) => id),
  );
  const of = (tier: Tier) => page.flatMap((placed) => (placed.tier === tier ? (books.get(placed.id) ?? []) : []));
  return { exact: of("exact"), matches: of("matches"), recommended: of("recommended") };
}
