import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { positionsInBook } from "../../queries/reading/positionsInBook.ts";
import { progressInBook } from "../../queries/reading/progressInBook.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookNotFound } from "../library/problems.ts";
import { listAnswer, listOf } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { RawJson } from "../rawJson.ts";
import { reportedPlace } from "./place.ts";

const params = z.strictObject({ bookId });
const place = reportedPlace.nullable();

/** The endpoints of a reader's places in a book. */
export function progressEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/reading/{bookId}/progress",
      access: "reader",
      summary: "Where the reader is in a book",
      description:
        "`latest` was read last; `furthest` is the furthest of the devices' latest places (only those since the book was begun again, if there are any). " +
        "`resume` is the one that the reader's `progressPolicy` names, or null if it is `ask` and the two differ and come from different devices. All are null until something was read.",
      params,
      response: z.strictObject({ latest: place, furthest: place, resume: place }),
      problems: ["book_not_found"],
      reads: ["places", "library", "rounds", "preferences"],
      keysOf: ({ readerId, params }) => ({
        places: readerId,
        rounds: readerId,
        preferences: readerId,
        library: params.bookId,
      }),
      async handle({ readerId, params }) {
        const found = await progressInBook(pool, readerId, params.bookId);
        if (found === undefined) throw bookNotFound(params.bookId);
        return new RawJson(found);
      },
    }),
    queryEndpoint({
      path: "/v1/reading/{bookId}/positions",
      access: "reader",
      summary: "The latest place of each device in a book, the latest first",
      description: "Only the 20 most recently used devices: `nextCursor` is always null.",
      params,
      response: listOf(reportedPlace),
      problems: [],
      reads: ["places", "library"],
      keysOf: ({ readerId, params }) => ({ places: readerId, library: params.bookId }),
      handle: async ({ readerId, params }) => listAnswer(await positionsInBook(pool, readerId, params.bookId)),
    }),
  ];
}
