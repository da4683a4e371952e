import { z } from "zod";
import { categoryId } from "../../domain/ids.ts";
import { bookStatus, channel } from "../../domain/library/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { booksOfCategory, type WordRange } from "../../queries/library/booksOfCategory.ts";
import { categories } from "../../queries/library/categories.ts";
import type { Endpoint } from "../endpoint.ts";
import { checkOrderOf, positionText } from "../fields.ts";
import { listAnswer, listOf, pageFieldsBy } from "../pagination.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { countsMaxAgeMs, heatMaxAgeMs } from "./maxAges.ts";
import { listedBook } from "./shownBook.ts";

const counted = { id: categoryId, name: z.string(), books: z.int() };
const category = z.strictObject({ channel, ...counted, subCategories: z.array(z.strictObject(counted)) });

/** The ranges of length that readers choose from. */
export const wordRanges: Record<"short" | "medium" | "long", WordRange> = {
  short: { min: null, max: 499_999 },
  medium: { min: 500_000, max: 1_000_000 },
  long: { min: 1_000_001, max: null },
};

const place = z.union([
  z.tuple([z.literal("updated"), positionText]),
  z.tuple([z.literal("collected"), z.int32(), positionText]),
  z.tuple([z.literal("heat"), positionText, positionText]),
]);

/** A book in a list, with the number of shelves it is on. */
export const collectedBook = z.strictObject({ ...listedBook.shape, shelves: z.int() });

/** The endpoints of categories. */
export function categoryEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/categories",
      access: "open",
      summary: "The categories, by channel, with their sub-categories",
      description: "In each channel the largest first; all in one page. Categories without books are left out.",
      query: z.strictObject({ channel: channel.nullable().default(null).meta({ type: "string" }) }),
      response: listOf(category),
      problems: [],
      reads: ["library"],
      maxAgeMs: { library: countsMaxAgeMs },
      handle: async ({ query }) => listAnswer(await categories(pool, query.channel)),
    }),

    queryEndpoint({
      path: "/v1/categories/{id}/books",
      access: "open",
      summary: "The books of a category or sub-category",
      description:
        "`order`: most recently `updated`, on the most shelves (`collected`), or most read recently (`heat`). " +
        "`words`: `short` has less than 500,000, `medium` up to 1,000,000, `long` more; books whose word count is unknown are left out then.",
      params: z.strictObject({ id: categoryId }),
      query: z.strictObject({
        words: z.enum(["short", "medium", "long"]).nullable().default(null).meta({ type: "string" }),
        status: bookStatus.nullable().default(null).meta({ type: "string" }),
        order: z.enum(["updated", "collected", "heat"]).default("updated"),
        ...pageFieldsBy(place),
      }),
      response: listOf(collectedBook),
      problems: ["category_not_found"],
      reads: ["library", "collected"],
      maxAgeMs: { collected: countsMaxAgeMs },
      // No event reports that the heat was refreshed.
      keepForMs: heatMaxAgeMs,
      // In the order by shelves any shelved book may move onto the page.
      keysIn: (shown, { query }) => (query.order === "collected" ? {} : { collected: shown }),
      async handle({ params, query }) {
        const { words, status, order, limit, cursor } = query;
        checkOrderOf(cursor, order, "order");
        const range = words === null ? null : wordRanges[words];
        const page = await booksOfCategory(pool, { id: params.id, status, words: range, order, limit, after: cursor });
        if (page === undefined) throw new RequestProblem("category_not_found", `There is no category ${params.id}.`);
        return listAnswer(page);
      },
    }),
  ];
}
