import { z } from "zod";
import { type AddBookToShelfDeps, addBookToShelf } from "../../commands/shelf/addBookToShelf.ts";
import { removeBookFromShelf } from "../../commands/shelf/removeBookFromShelf.ts";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { booksOnShelf } from "../../queries/shelf/booksOnShelf.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf, pageFields } from "../lists.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const shelvedBook = z.strictObject({
  bookId,
  title: z.string().nullable(),
  author: z.string().nullable(),
  coverUrl: z.url().nullable(),
  addedAt: z.iso.datetime(),
});

/** The endpoints of a reader's shelf. */
export function shelfEndpoints(commands: AddBookToShelfDeps, pool: Pool): readonly Endpoint[] {
  return [
    commandEndpoint({
      method: "put",
      path: "/v1/shelf/{bookId}",
      summary: "Put a book on the shelf",
      params: z.strictObject({ bookId }),
      problems: ["book_not_found", "shelf_full"],
      handle: ({ readerId, params }, context) => addBookToShelf(commands, { readerId, bookId: params.bookId }, context),
    }),

    commandEndpoint({
      method: "delete",
      path: "/v1/shelf/{bookId}",
      summary: "Take a book off the shelf",
      params: z.strictObject({ bookId }),
      problems: [],
      handle: ({ readerId, params }, context) =>
        removeBookFromShelf(commands, { readerId, bookId: params.bookId }, context),
    }),

    queryEndpoint({
      path: "/v1/shelf",
      access: "reader",
      summary: "The books on the shelf, the last added first",
      query: z.strictObject({ sort: z.enum(["added"]).default("added"), ...pageFields }),
      response: listOf(shelvedBook),
      problems: [],
      reads: ["shelf", "library"],
      async handle({ readerId, query }) {
        const page = await booksOnShelf(pool, readerId, { limit: query.limit, before: query.cursor });
        return listAnswer(page, ({ bookId, title, author, coverUrl, addedAt }) => ({
          bookId,
          title,
          author,
          coverUrl,
          addedAt: addedAt.toISOString(),
        }));
      },
    }),
  ];
}
