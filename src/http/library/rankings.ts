import { z } from "zod";
import { bookId, categoryId } from "../../domain/ids.ts";
import { channel } from "../../domain/library/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { ranking, rankingKinds } from "../../queries/library/rankings.ts";
import { similarBooks } from "../../queries/library/similarBooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { checkOrderOf, positionText } from "../fields.ts";
import { limitField, listAnswer, listOf, pageFieldsBy } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { collectedBook } from "./categories.ts";
import { heatMaxAgeMs } from "./maxAges.ts";
import { bookNotFound } from "./problems.ts";
import { listedBook } from "./shownBook.ts";

const place = z.tuple([z.enum(rankingKinds), positionText, positionText]);

/** The endpoints of rankings and similar books. */
export function rankingEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/rankings/{kind}",
      access: "open",
      summary: "A ranking of the library's books",
      description:
        "`heat`: most read recently; `collected`: on the most shelves; `new`: most recently catalogued; `finished`: finished books by heat. " +
        "Each reader who opens, reads or shelves a book adds a point a day to its heat, which halves every 7 days. Heat is refreshed twice a minute.",
      params: z.strictObject({ kind: z.enum(rankingKinds) }),
      query: z.strictObject({
        channel: channel.nullable().default(null).meta({ type: "string" }),
        category: categoryId.nullable().default(null).meta({ type: "string" }),
        ...pageFieldsBy(place),
      }),
      response: listOf(collectedBook),
      problems: [],
      reads: ["library", "collected", "heat"],
      maxAgeMs: { library: heatMaxAgeMs, collected: heatMaxAgeMs, heat: heatMaxAgeMs },
      keepForMs: heatMaxAgeMs,
      async handle({ params: { kind }, query: { channel, category, limit, cursor } }) {
        checkOrderOf(cursor, kind, "kind");
        return listAnswer(await ranking(pool, { kind, channel, category, limit, after: cursor }));
      },
    }),

    queryEndpoint({
      path: "/v1/books/{bookId}/similar",
      access: "open",
      summary: "Books of the same category, the most read recently first",
      description: "All in one page: `nextCursor` is always null.",
      params: z.strictObject({ bookId }),
      query: z.strictObject({ limit: limitField }),
      response: listOf(listedBook),
      problems: ["book_not_found"],
      reads: ["library", "heat"],
      maxAgeMs: { library: heatMaxAgeMs, heat: heatMaxAgeMs },
      keepForMs: heatMaxAgeMs,
      async handle({ params, query }) {
        const page = await similarBooks(pool, { bookId: params.bookId, limit: query.limit });
        if (page === undefined) throw bookNotFound(params.bookId);
        return listAnswer({ ...page, next: null });
      },
    }),
  ];
}
