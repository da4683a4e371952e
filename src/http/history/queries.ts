import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { booksInHistory } from "../../queries/history/booksInHistory.ts";
import type { Endpoint } from "../endpoint.ts";
import { searchText } from "../fields.ts";
import { titlesMaxAgeMs } from "../library/maxAges.ts";
import { listAnswer, listOf, pageFieldsBy } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const query = z.strictObject({
  q: searchText,
  ...pageFieldsBy(z.tuple([z.literal("opened"), z.int32().positive()])),
});

const visitedBook = z.strictObject({
  bookId,
  title: z.string().nullable(),
  author: z.string().nullable(),
  coverUrl: z.string().nullable(),
  status: z.string().nullable(),
  chapters: z.int().nonnegative().nullable(),
  withdrawn: z.boolean(),
  openedAt: z.iso.datetime(),
});

/** The queries of a reader's history. */
export function historyQueries(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/history",
      access: "reader",
      summary: "The books that the reader opened, the most recent first",
      description: "1,000 books at most. `q` must occur in the title or the author.",
      query,
      response: listOf(visitedBook),
      problems: [],
      reads: ["history", "library"],
      keysOf: ({ readerId }) => ({ history: readerId }),
      maxAgeMs: { library: titlesMaxAgeMs },
      // In a search any title in the history may matter.
      keysIn: (shown, { query }) => (query.q !== "" ? {} : { library: shown }),
      async handle({ readerId, query: { q, limit, cursor } }) {
        const after = cursor === null ? null : cursor[1];
        return listAnswer(await booksInHistory(pool, { readerId, text: q === "" ? null : q, limit, after }));
      },
    }),
  ];
}
