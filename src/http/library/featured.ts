import { z } from "zod";
import type { FeatureBooksDependencies } from "../../commands/featured/featureBooks.ts";
import { channel } from "../../domain/library/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { featuredBooks } from "../../queries/featured/featuredBooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { listAnswer, listOf } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { featuredCommands } from "./commands.ts";
import { titlesMaxAgeMs } from "./maxAges.ts";
import { listedBook } from "./shownBook.ts";

/** The endpoints of featured books. */
export function featuredEndpoints(commands: FeatureBooksDependencies, pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/library/featured",
      access: "open",
      summary: "The books that are featured in a channel, in the order of the operators",
      description: "All in one page. Withdrawn books are left out.",
      query: z.strictObject({ channel }),
      response: listOf(listedBook),
      problems: [],
      reads: ["featured", "library"],
      maxAgeMs: { library: titlesMaxAgeMs },
      handle: async ({ query }) => listAnswer(await featuredBooks(pool, query.channel)),
    }),
    ...featuredCommands(commands),
  ];
}
