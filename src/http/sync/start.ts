import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import { preferencesOf, settingsOf } from "../../queries/preferences/chosen.ts";
import { lastRead } from "../../queries/reading/lastRead.ts";
import { booksOnShelf } from "../../queries/shelf/booksOnShelf.ts";
import { me, meOf } from "../account/queries.ts";
import type { Endpoint } from "../endpoint.ts";
import { preferencesAnswer, settingsAnswer } from "../preferences/queries.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { RawJson } from "../rawJson.ts";
import { lastReadBook, shelfPage, withRecommended } from "../shelf/list.ts";

/** Books on the first page of the shelf, as in GET /v1/shelf. */
const pageSize = 20;

/** The endpoint of the first screen. */
export function startEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/start",
      access: "reader",
      summary: "The data of the first screen, in one call",
      description:
        "The reader, settings, preferences, the first page of the shelf and the most recently read book; the parts are those of GET /v1/me, /v1/settings, /v1/preferences, /v1/shelf and /v1/shelf/last-read.",
      response: z.strictObject({
        reader: me,
        settings: settingsAnswer,
        preferences: preferencesAnswer,
        shelf: shelfPage,
        lastRead: lastReadBook.nullable(),
      }),
      problems: [],
      reads: ["shelf", "library", "places", "rounds", "preferences", "featured"],
      uncached: true,
      async handle({ readerId }) {
        const question = { readerId, sort: "added", group: null, text: null, limit: pageSize, after: null } as const;
        // Four statements at once, as `queryLimits.ts` counts on.
        const [[reader, settings], preferences, shelf, last] = await Promise.all([
          meOf(pool, readerId).then(async (me) => [me, await settingsOf(pool, readerId)] as const),
          preferencesOf(pool, readerId),
          booksOnShelf(pool, question).then((page) => withRecommended(pool, readerId, page)),
          lastRead(pool, readerId),
        ]);
        const made = JSON.stringify({ reader, settings, preferences });
        return new RawJson(`${made.slice(0, -1)},"shelf":${shelf.text},"lastRead":${last?.json ?? null}}`);
      },
    }),
  ];
}
