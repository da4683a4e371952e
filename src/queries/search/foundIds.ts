import { analyseQuery } from "../../domain/searchText/analyseQuery.ts";
import { type BooksIndex, search } from "./booksIndex.ts";
import { rankedQuery } from "./rankedQuery.ts";
import { type Tier, tierOf } from "./tiers.ts";

/** The limit of Elasticsearch's paging by number (index.max_result_window). */
const maxWindow = 10_000;

export type FoundIds = {
  readonly total: number;
  readonly found: readonly { readonly bookId: string; readonly tier: Tier }[];
};

/**
 * A page of a search by page number, as the course does it: concurrent writes may shift it. `total` is at most 10,000. Rejects
 * with SearchUnavailable.
 */
export async function foundIds(
  index: BooksIndex,
  typed: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<FoundIds> {
  const from = Math.min(offset, maxWindow);
  const size = Math.min(limit, maxWindow - from);
  const { hits, total } = await search(index, {
    ...rankedQuery(analyseQuery(typed), "relevance"),
    from,
    size,
    _source: false,
  });
  return { total, found: hits.map(({ id, score }) => ({ bookId: id, tier: tierOf(score) })) };
}
