import { z } from "zod";
import { bookId, chapterId } from "../../domain/ids.ts";
import { maxChapters } from "../../domain/library/limits.ts";
import { normalise } from "../../domain/searchText/normalise.ts";
import { textPattern } from "../../domain/searchText/textPattern.ts";
import type { Pool } from "../../platform/postgres.ts";
import { placesInBook } from "../../queries/library/placesInBook.ts";
import type { Endpoint } from "../endpoint.ts";
import { copiedText } from "../fields.ts";
import { cursorOf, listOf, pageFieldsBy } from "../pagination.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { bookNotFound } from "./problems.ts";

const place = z.strictObject({
  chapterId,
  no: z.int(),
  title: z.string(),
  offset: z.int().nonnegative(),
  length: z.int().positive(),
  snippet: z.string(),
  snippetOffset: z.int().nonnegative(),
});

const cursor = z.tuple([z.int().positive().max(maxChapters), z.int32().nonnegative()]);

/** The endpoint of the search within a book's text. */
export function textSearchEndpoint(pool: Pool): Endpoint {
  return queryEndpoint({
    path: "/v1/books/{bookId}/search",
    access: "open",
    summary: "Search within a book's text",
    description:
      "In the order of the text; simplified and traditional, small and capital, half- and full-width are treated alike, and a space, punctuation " +
      "or symbol stands for any of these. Offsets and lengths in UTF-16 units of the text, as places in a chapter are. Two million characters are searched at a time: a " +
      "page may have fewer places than `limit`, even none, and a `nextCursor`.",
    params: z.strictObject({ bookId }),
    query: z.strictObject({
      q: copiedText.refine((text) => normalise(text) !== "", "must have something to search for"),
      ...pageFieldsBy(cursor),
    }),
    response: listOf(place),
    problems: ["book_not_found", "book_withdrawn"],
    reads: ["library"],
    keysOf: ({ params }) => ({ library: params.bookId }),
    costly: "text",
    async handle({ params, query: { q, limit, cursor } }) {
      const pattern = textPattern(q) ?? "";
      const found = await placesInBook(pool, { bookId: params.bookId, pattern, limit, after: cursor });
      switch (found) {
        case "no such book":
          throw bookNotFound(params.bookId);
        case "withdrawn":
          throw new RequestProblem("book_withdrawn", `Book ${params.bookId} was withdrawn; it cannot be searched.`);
      }
      return { items: [...found.items], nextCursor: found.next && cursorOf(found.next) };
    },
  });
}
