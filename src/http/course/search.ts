import { z } from "zod";
import { keyOf } from "../../domain/searchText/normalise.ts";
import type { Pool } from "../../platform/postgres.ts";
import { type CourseBook, courseBooks, courseBooksOf } from "../../queries/course/books.ts";
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

/** The number of books in the lists of the recommendations page. */
const maxBooks = { match: 2, recommended: 4 };
/** The number of hits to choose them from: more than are shown, since the library may have withdrawn some. */
const lookedAt = 20;

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
        const tiers = new Map(found.map(({ bookId, tier }) => [bookId, tier]));
        const books = await courseBooksOf(pool, [...tiers.keys()]);
        const { accurate, match, recommended } = listsOf(books, ({ id }) => tiers.get(id));
        const known = [...accurate, ...match, ...recommended];
        const missing = maxBooks.recommended - recommended.length;
        const hot = missing > 0 ? await hotBooksLike(pool, known, missing) : [];
        recordKeyword(incoming, query.key_word, total);
        const page = (list: typeof books) => list.map((book) => shownBook(book, incoming.origin));
        const [exact = {}] = page(accurate);
        return { body: { accurate: exact, match: page(match), recommends_list: page([...recommended, ...hot]) } };
      },
    }),
  ];
}

/**
 * The lists of the recommendations page, of hits in the order of their tiers, each in one list: other exact ones, such as of an author with
 * several books, are matches, and matches that have no room there are recommended.
 */
function listsOf<Book>(books: readonly Book[], tierOf: (book: Book) => Tier | undefined) {
  const accurate = books.slice(0, 1).filter((book) => tierOf(book) === "exact");
  const others = books.slice(accurate.length);
  const match = others.slice(0, maxBooks.match).filter((book) => tierOf(book) !== "recommended");
  return { accurate, match, recommended: others.slice(match.length, match.length + maxBooks.recommended) };
}

/** Hot books of the category of the first book, at most `limit`, and none of the books; none if there are no books. */
async function hotBooksLike(pool: Pool, books: readonly CourseBook[], limit: number): Promise<readonly CourseBook[]> {
  const [like] = books;
  if (like === undefined) return [];
  const hottest = await courseBooks(pool, {
    category: like.categoryId,
    words: null,
    order: "heat",
    offset: 0,
    limit: books.length + limit,
  });
  const known = new Set(books.map(({ id }) => id));
  return hottest.books.filter(({ id }) => !known.has(id)).slice(0, limit);
}
