import { z } from "zod";
import type { SearchPage } from "../../queries/search/searchBooks.ts";
import { listedBook } from "../library/shownBook.ts";

const mark = z.array(z.int()).length(2);
const marked = z.strictObject({ text: z.string(), marks: z.array(mark) });

/** A found book, with the matches in its texts: start and end, in UTF-16 units. */
const foundBook = z.strictObject({
  ...listedBook.shape,
  highlights: z.strictObject({ title: marked.optional(), author: marked.optional(), intro: marked.optional() }),
});

const counts = z.array(z.strictObject({ value: z.string(), books: z.int() }));

/** A page of search results. */
export const searchPage = z.strictObject({
  total: z.int(),
  exact: z.array(foundBook),
  matches: z.array(foundBook),
  recommended: z.array(foundBook),
  facets: z.strictObject({ categories: counts, statuses: counts, channels: counts, words: counts }).nullable(),
  nextCursor: z.string().nullable(),
});

/** A page as JSON: its books are JSON already. `total` comes first (recordedSearch.ts). */
export function searchPageJson(page: SearchPage, nextCursor: string | null): string {
  const { total, exact, matches, recommended, facets } = page;
  const lists = Object.entries({ exact, matches, recommended }).map(([name, books]) => `"${name}":[${books.join()}]`);
  return `{"total":${total},${lists.join()},"facets":${JSON.stringify(facets)},"nextCursor":${JSON.stringify(nextCursor)}}`;
}

/** A suggestion. */
export const suggestion = z.strictObject({
  bookId: z.string(),
  title: z.string(),
  author: z.string(),
  matched: z.enum(["title", "author", "pinyin", "authorPinyin"]),
  marks: z.array(mark),
});
