import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { bookDetail } from "../../queries/library/bookDetail.ts";
import { newestBooks } from "../../queries/library/newestBooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf, pageFields } from "../lists.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { book, listedBook, shownBook, shownListed } from "./shownBook.ts";

/** The endpoints of the library, for everybody. */
export function libraryEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/books",
      access: "open",
      summary: "The published books, the last published first",
      query: z.strictObject(pageFields),
      response: listOf(listedBook),
      problems: [],
      reads: ["library"],
      handle: async ({ query }) =>
        listAnswer(await newestBooks(pool, { limit: query.limit, before: query.cursor }), shownListed),
    }),

    queryEndpoint({
      path: "/v1/books/{bookId}",
      access: "open",
      summary: "A published book",
      params: z.strictObject({ bookId }),
      response: book,
      problems: ["book_not_found"],
      reads: ["library"],
      async handle({ params }) {
        const found = await bookDetail(pool, params.bookId);
        if (found === undefined)
          throw new RequestProblem("book_not_found", `The library has no book ${params.bookId}.`);
        return shownBook(found);
      },
    }),
  ];
}
