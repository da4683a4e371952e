import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import { blockedKeywords } from "../../queries/keywords/blockedKeywords.ts";
import { hotKeywords } from "../../queries/keywords/hotKeywords.ts";
import { hotMaxAgeMs } from "../../queries/keywords/isHot.ts";
import { ownKeywords } from "../../queries/keywords/ownKeywords.ts";
import type { Endpoint } from "../endpoint.ts";
import { limitField, listAnswer, listOf } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const hotKeyword = z.strictObject({ keyword: z.string(), heat: z.int().nonnegative() });

/** The queries of hot searches and of a reader's search history. `now` is the clock. */
export function keywordQueries(pool: Pool, now: () => Date): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/search/hot",
      access: "open",
      summary: "The most frequent recent searches",
      description:
        "Each reader, or address without a login, counts once per keyword and day; a point halves every 1.5 days. `heat` is in thousandths of a " +
        "point. A keyword that found no book is left out. At most a minute old; `nextCursor` is always null.",
      query: z.strictObject({ limit: limitField }),
      response: listOf(hotKeyword),
      problems: [],
      reads: ["keywords", "blocklist"],
      maxAgeMs: { keywords: hotMaxAgeMs },
      keepForMs: hotMaxAgeMs,
      async handle({ query: { limit } }) {
        const hot = await hotKeywords(pool, now(), limit);
        return { items: hot.map(({ keyword, heat }) => ({ keyword, heat })), nextCursor: null };
      },
    }),
    queryEndpoint({
      path: "/v1/search/history",
      access: "reader",
      summary: "The reader's recent keywords, the most recent first",
      description: "At most 20, each once, as last typed; `nextCursor` is always null.",
      response: listOf(z.strictObject({ keyword: z.string(), searchedAt: z.iso.datetime() })),
      problems: [],
      reads: ["keywords"],
      keysOf: ({ readerId }) => ({ keywords: readerId }),
      handle: async ({ readerId }) => listAnswer(await ownKeywords(pool, readerId)),
    }),
  ];
}

/** The queries of blocked keywords, for operators. */
export function blocklistQueries(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/search/blocked",
      access: "operator",
      summary: "The keywords excluded from the hot searches, the most recent first",
      description: "All in one page.",
      response: listOf(z.strictObject({ keyword: z.string(), blockedAt: z.iso.datetime() })),
      problems: [],
      reads: ["blocklist"],
      handle: async () => listAnswer(await blockedKeywords(pool)),
    }),
  ];
}
