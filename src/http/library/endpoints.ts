import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { publishedBook } from "../../queries/library/publishedBook.ts";
import { type ListedBook, publishedBooks } from "../../queries/library/publishedBooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf, pageFields } from "../lists.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const listedBook = z.strictObject({
  bookId,
  title: z.string(),
  author: z.string(),
  coverUrl: z.url().nullable(),
  channel: z.string(),
  category: z.string(),
  status: z.string(),
  chapters: z.int(),
  words: z.int(),
  publishedAt: z.iso.datetime(),
});

const book = z.strictObject({
  ...listedBook.shape,
  intro: z.string(),
  edition: z.int(),
  updatedAt: z.iso.datetime(),
});

/** The endpoints of the library: what is published, for everybody. */
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
        listAnswer(await publishedBooks(pool, { limit: query.limit, before: query.cursor }), shown),
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
        const found = await publishedBook(pool, params.bookId);
        if (found === undefined) throw new RequestProblem("book_not_found", `No book ${params.bookId} is published.`);
        const { intro, edition, updatedAt } = found;
        return { ...shown(found), intro, edition, updatedAt: updatedAt.toISOString() };
      },
    }),
  ];
}

function shown(listed: Omit<ListedBook, "position">): z.input<typeof listedBook> {
  const { bookId, title, author, coverUrl, channel, category, status, chapters, words, publishedAt } = listed;
  return {
    bookId,
    title,
    author,
    coverUrl,
    channel,
    category,
    status,
    chapters,
    // The characters of one book: millions, far below what a Number holds.
    words: Number(words),
    publishedAt: publishedAt.toISOString(),
  };
}
