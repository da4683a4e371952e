import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { bookmarksInBook } from "../../queries/reading/bookmarksInBook.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf, pageFieldsBy } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { wherePlace } from "./place.ts";

const time = z.iso.datetime();
const shownBookmark = z.strictObject({
  bookmarkId: z.uuid(),
  ...wherePlace,
  note: z.string(),
  setAt: time,
  changedAt: time,
});

/** The endpoint of a reader's bookmarks. */
export function bookmarkEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/reading/{bookId}/bookmarks",
      access: "reader",
      summary: "The reader's bookmarks in a book, in the order of the book",
      params: z.strictObject({ bookId }),
      query: z.strictObject(pageFieldsBy(z.tuple([z.int32(), z.int32(), z.uuid()]))),
      response: listOf(shownBookmark),
      problems: [],
      reads: ["bookmarks", "library"],
      keysOf: ({ readerId, params }) => ({ bookmarks: readerId, library: params.bookId }),
      async handle({ readerId, params, query: { limit, cursor } }) {
        return listAnswer(await bookmarksInBook(pool, { readerId, bookId: params.bookId, limit, after: cursor }));
      },
    }),
  ];
}
