import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { finishedBooks } from "../../queries/reading/finishedBooks.ts";
import { roundsOfBook } from "../../queries/reading/roundsOfBook.ts";
import type { Endpoint } from "../endpoint.ts";
import { instantText } from "../fields.ts";
import { titlesMaxAgeMs } from "../library/maxAges.ts";
import { listAnswer, listOf, pageFieldsBy } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { timeZone, unknownTimeZone } from "./fields.ts";

const time = z.iso.datetime();
const round = z.strictObject({ round: z.int().positive(), beganAt: time.nullable(), finishedAt: time.nullable() });
const finishedBook = z.strictObject({
  bookId,
  title: z.string().nullable(),
  author: z.string().nullable(),
  coverUrl: z.string().nullable(),
  ...round.shape,
  finishedAt: time,
});

const year = z
  .string()
  .regex(/^(?:19[7-9]\d|[2-9]\d{3})$/, "must be a year from 1970 on")
  .transform(Number)
  .nullable()
  .default(null)
  .meta({ type: "integer", minimum: 1970, maximum: 9999, pattern: undefined, description: "All years by default." });

/** The endpoints of a reader's rounds and finished books. */
export function roundsEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/reading/finished",
      access: "reader",
      summary: "The books that the reader finished, the latest first",
      description: "A book that was finished several times occurs several times. `year` refers to the time zone `tz`.",
      query: z.strictObject({
        year,
        tz: timeZone,
        ...pageFieldsBy(z.tuple([instantText, bookId, z.int32().positive()])),
      }),
      response: listOf(finishedBook),
      problems: [],
      reads: ["rounds", "library"],
      keysOf: ({ readerId }) => ({ rounds: readerId }),
      maxAgeMs: { library: titlesMaxAgeMs },
      keysIn: (shown) => ({ library: shown }),
      async handle({ readerId, query: { year, tz, limit, cursor } }) {
        const page = await finishedBooks(pool, { readerId, year, tz, limit, after: cursor });
        if (page === undefined) throw unknownTimeZone();
        return listAnswer(page);
      },
    }),
    queryEndpoint({
      path: "/v1/reading/{bookId}/rounds",
      access: "reader",
      summary: "The rounds in which the reader read a book, the latest first",
      description:
        "All of them: `nextCursor` is always null. The first round has no `beganAt` unless its start was reported.",
      params: z.strictObject({ bookId }),
      response: listOf(round),
      problems: [],
      reads: ["rounds"],
      keysOf: ({ readerId }) => ({ rounds: readerId }),
      handle: async ({ readerId, params }) => listAnswer(await roundsOfBook(pool, readerId, params.bookId)),
    }),
  ];
}
