import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { bookDetail } from "../../queries/library/bookDetail.ts";
import { newestBooks } from "../../queries/library/newestBooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf, pageFields } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { RawJson } from "../rawJson.ts";
import { bookNotFound } from "./problems.ts";
import { book, listedBook } from "./shownBook.ts";

/** The endpoints of the books of the library. */
export function bookEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/books",
      access: "open",
      summary: "The books of the library, the most recently catalogued first",
      description:
        "A new edition does not move a book. Books without text are listed too (`edition` is null), withdrawn ones are not.",
      query: z.strictObject(pageFields),
      response: listOf(listedBook),
      problems: [],
      reads: ["library"],
      handle: async ({ query }) => listAnswer(await newestBooks(pool, { limit: query.limit, before: query.cursor })),
    }),

    queryEndpoint({
      path: "/v1/books/{bookId}",
      access: "open",
      summary: "A book, also a withdrawn one",
      params: z.strictObject({ bookId }),
      response: book,
      problems: ["book_not_found"],
      reads: ["library"],
      keysOf: ({ params }) => ({ library: params.bookId }),
      async handle({ params }) {
        const found = await bookDetail(pool, params.bookId);
        if (found === undefined) throw bookNotFound(params.bookId);
        return new RawJson(found);
      },
    }),
  ];
}
