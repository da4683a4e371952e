import { type BooksIndex, search } from "./booksIndex.ts";
import type { Clause } from "./dsl.ts";
import { type Order, sortWithin } from "./rankedQuery.ts";

/**
 * The ids of the hottest books of a category: recommendations for a search whose text finds little else. `filters` apply to
 * them too.
 */
export async function similarHot(
  index: BooksIndex,
  question: {
    readonly categoryId: string;
    readonly but: readonly string[];
    readonly filters: readonly Clause[];
    readonly limit: number;
  },
): Promise<readonly string[]> {
  const { categoryId, but, filters, limit } = question;
  const { hits } = await search(index, {
    query: {
      bool: {
        filter: [{ term: { visible: true } }, { term: { categoryId } }, ...filters],
        must_not: [{ ids: { values: but } }],
      },
    },
    sort: sortWithin("relevance"),
    size: limit,
    _source: false,
  });
  return hits.map(({ id }) => id);
}

/** These books in a chosen order. */
export async function inOrder(index: BooksIndex, ids: readonly string[], order: Order): Promise<readonly string[]> {
  const query = { ids: { values: ids } };
  const { hits } = await search(index, { query, sort: sortWithin(order), size: ids.length, _source: false });
  return hits.map(({ id }) => id);
}
