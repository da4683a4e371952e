import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import { groupsOfShelf } from "../../queries/shelf/groupsOfShelf.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const shelfGroup = z.strictObject({ id: z.string(), name: z.string(), books: z.int().nonnegative() });

/** The endpoint of a shelf's groups. */
export function shelfGroupEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/shelf/groups",
      access: "reader",
      summary: "The groups of the shelf in their order, with the number of books in each",
      description: "All of them: `nextCursor` is always null.",
      response: listOf(shelfGroup),
      problems: [],
      reads: ["shelf"],
      keysOf: ({ readerId }) => ({ shelf: readerId }),
      handle: async ({ readerId }) => listAnswer(await groupsOfShelf(pool, readerId)),
    }),
  ];
}
