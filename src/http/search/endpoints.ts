import { z } from "zod";
import { categoryId } from "../../domain/ids.ts";
import { bookStatus, channel } from "../../domain/library/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { BooksIndex } from "../../queries/search/booksIndex.ts";
import { gatherSearches } from "../../queries/search/gatherSearches.ts";
import { searchBooks } from "../../queries/search/searchBooks.ts";
import { suggestBooks } from "../../queries/search/suggestBooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { wordRanges } from "../library/categories.ts";
import { heatMaxAgeMs } from "../library/maxAges.ts";
import { pageFieldsBy } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { RawJson } from "../rawJson.ts";
import { searchCursor, searchPlace, searchPlaceOf } from "./cursor.ts";
import { type Recording, recordedSearch } from "./recordedSearch.ts";
import { searchPage, searchPageJson, suggestion } from "./shownBook.ts";
import { typedText } from "./typed.ts";

/** The read models that a search response depends on: the index, and the library for the displayed books. */
export const searchReads = ["library", "books"] as const;

/** Suggestions may be ordered by an older heat than elsewhere, because they are requested with each letter typed. */
const suggestionsMaxAgeMs = 60_000;

export type SearchDependencies = Recording & { readonly pool: Pool; readonly index: BooksIndex };

/** Maximum time for which a response may lack a book that was added or changed. */
const indexMaxAgeMs = 1_000;

const filters = {
  category: categoryId.nullable().default(null).meta({ type: "string" }),
  status: bookStatus.nullable().default(null).meta({ type: "string" }),
  words: z.enum(["short", "medium", "long"]).nullable().default(null).meta({ type: "string" }),
  channel: channel.nullable().default(null).meta({ type: "string" }),
};

const query = z.strictObject({
  q: typedText,
  ...filters,
  sort: z.enum(["relevance", "heat", "updated", "words", "collected"]).default("relevance"),
  ...pageFieldsBy(searchPlace),
});

/** The endpoints of the library search. */
export function searchEndpoints(deps: SearchDependencies): readonly Endpoint[] {
  const { pool, index } = deps;
  const searchTogether = gatherSearches(index);
  return [
    recordedSearch(
      queryEndpoint({
        path: "/v1/search",
        access: "open",
        summary: "The books that a search finds: exact, matches and recommended",
        description:
          "By title, other title, author, words of the intro, pinyin, initials or a mixture, in simplified or traditional characters; also with a " +
          "wrong, missing, extra or swapped character. A book is in one list only; `limit` counts all three together, in this order. `sort` orders each list. " +
          "`highlights` marks the typed text, in UTF-16 units. `facets` (on the first page) count the books for each other value of a " +
          "filter. `total` goes up to 10,000; neither counts the hot books that are added if few are recommended. The first page decides the order of the first 200 books. With an access " +
          "token the search is kept in the reader's history.",
        query,
        response: searchPage,
        problems: ["search_unavailable", "search_cursor_lost"],
        reads: searchReads,
        maxAgeMs: { library: indexMaxAgeMs, books: indexMaxAgeMs },
        keepForMs: heatMaxAgeMs,
        costly: "search",
        async handle({ query: { q: typed, category, status, words, channel, sort: order, limit, cursor } }) {
          const asked = { typed, filters: { category, status, words, channel }, order };
          const place = searchPlaceOf(asked, cursor);
          const page = await searchBooks({ pool, index, ranges: wordRanges }, { ...asked, limit, place });
          return new RawJson(searchPageJson(page, searchCursor(asked, page.next)));
        },
      }),
      deps,
      Object.keys(filters),
    ),

    queryEndpoint({
      path: "/v1/search/suggest",
      access: "open",
      summary: "Suggestions for a search, from the first letter on",
      description:
        "Ten at most, each once: those whose title is just that, then its author; those whose title or author begins with it; those whose title " +
        "contains it; then by pinyin and initials. Equal matches are ordered by what was most read recently. " +
        "`marks`: the typed text in the title or author, in UTF-16 units.",
      query: z.strictObject({ q: typedText }),
      response: z.strictObject({ items: z.array(suggestion) }),
      problems: ["search_unavailable"],
      reads: ["books"],
      maxAgeMs: { books: heatMaxAgeMs },
      keepForMs: suggestionsMaxAgeMs,
      // They take no connection to Postgres, and fewer at once would mean more requests for the same searches.
      costly: false,
      handle: async ({ query: { q } }) => new RawJson(JSON.stringify({ items: await suggestBooks(searchTogether, q) })),
    }),
  ];
}
