import { z } from "zod";
import { keyOf } from "../../domain/search/normalise.ts";
import type { Pool } from "../../platform/postgres.ts";
import { courseBooks, courseBooksOf } from "../../queries/course/books.ts";
import type { IsHot } from "../../queries/keywords/isHot.ts";
import type { BooksIndex } from "../../queries/search/booksIndex.ts";
import { foundIds } from "../../queries/search/foundIds.ts";
import { gatherSearches } from "../../queries/search/gatherSearches.ts";
import { suggestBooks } from "../../queries/search/suggestBooks.ts";
import type { Tier } from "../../queries/search/tiers.ts";
import type { Endpoint } from "../endpoint.ts";
import type { RecordKeyword } from "../keywords/recordKeyword.ts";
import { searchReads } from "../search/endpoints.ts";
import { maxTyped } from "../search/typed.ts";
import type { courseRoutes } from "./courseEndpoint.ts";
import { pageFields, pageOf, pagesOf, placeOf } from "./fields.ts";
import { listedBook, shownBook } from "./shownBook.ts";

export type CourseSearchDependencies = {
  readonly index: BooksIndex;
  readonly recordKeyword: RecordKeyword;
  readonly hotLookup: () => Promise<IsHot>;
};

/** Sent as typed: too long a text is cut, and a text with nothing to search for finds nothing. */
const key_word = z
  .string()
  .transform((typed) => [...typed.trim()].slice(0, maxTyped).join(""))
  .transform((typed) => (keyOf(typed) === "" ? "" : typed))
  .catch("");

/** The number of books of each kind on the recommendations page. */
const most = { exact: 1, matches: 2, recommended: 4 } as const satisfies Record<Tier, number>;
/** The number of hits to choose them from. */
const lookedAt = 100;

/** The search routes. */
export function searchRoutes(
  route: ReturnType<typeof courseRoutes>,
  { index, recordKeyword, hotLookup }: CourseSearchDependencies,
  pool: Pool,
): readonly Endpoint[] {
  const shared = { reads: [...searchReads], problems: ["search_unavailable"], costly: "search" } as const;
  const searchTogether = gatherSearches(index);
  return [
    ...route({
      method: "get",
      path: "/search/tags",
      who: "anybody",
      ...shared,
      query: z.object({ key_word }),
      response: z.array(z.strictObject({ title: z.string(), isHot: z.boolean() })),
      async handle({ query }) {
        if (query.key_word === "") return { body: [] };
        const [suggestions, isHot] = await Promise.all([suggestBooks(searchTogether, query.key_word), hotLookup()]);
        const titles = [...new Set(suggestions.map(({ title }) => title))];
        return { body: titles.map((title) => ({ title, isHot: isHot(title) })) };
      },
    }),

    ...route({
      method: "get",
      path: "/search/books",
      who: "anybody",
      ...shared,
      query: z.object({ key_word, ...pageFields }),
      response: pageOf(listedBook),
      async handle({ query, incoming }) {
        const nothing = { total: 0, found: [] };
        const { total, found } =
          query.key_word === "" ? nothing : await foundIds(index, query.key_word, placeOf(query));
        const books = await courseBooksOf(
          pool,
          found.map(({ bookId }) => bookId),
        );
        return { body: { ...pagesOf(total, query), items: books.map((book) => shownBook(book, incoming.origin)) } };
      },
    }),

    ...route({
      method: "get",
      path: "/search/recommends",
      who: "anybody",
      ...shared,
      query: z.object({ key_word }),
      response: z.strictObject({
        accurate: z.union([listedBook, z.strictObject({})]),
        match: z.array(listedBook),
        recommends_list: z.array(listedBook),
      }),
      async handle({ query, incoming }) {
        if (query.key_word === "") return { body: { accurate: {}, match: [], recommends_list: [] } };
        const { total, found } = await foundIds(index, query.key_word, { limit: lookedAt, offset: 0 });
        const of = (tier: Tier) => found.filter((hit) => hit.tier === tier).slice(0, most[tier]);
        const books = await courseBooksOf(
          pool,
          [...of("exact"), ...of("matches"), ...of("recommended")].map(({ bookId }) => bookId),
        );
        const tiers = new Map(found.map(({ bookId, tier }) => [bookId, tier]));
        const shown = (tier: Tier) => books.filter(({ id }) => tiers.get(id) === tier);
        const recommended = [...shown("recommended")];
        const [like] = books;
        if (recommended.length < most.recommended && like !== undefined) {
          const { books: hot } = await courseBooks(pool, {
            category: like.categoryId,
            words: null,
            order: "heat",
            offset: 0,
            limit: books.length + most.recommended,
          });
          const known = new Set(books.map(({ id }) => id));
          recommended.push(...hot.filter(({ id }) => !known.has(id)).slice(0, most.recommended - recommended.length));
        }
        recordKeyword(incoming, query.key_word, total);
        const page = (list: typeof books) => list.map((book) => shownBook(book, incoming.origin));
        const [accurate = {}] = page(shown("exact"));
        return { body: { accurate, match: page(shown("matches")), recommends_list: page(recommended) } };
      },
    }),
  ];
}
