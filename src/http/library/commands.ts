import { z } from "zod";
import { type FeatureBooksDependencies, featureBooks } from "../../commands/featured/featureBooks.ts";
import { maxFeatured } from "../../domain/featured/events.ts";
import { featuredStream } from "../../domain/featured/stream.ts";
import { channel } from "../../domain/library/events.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { bookIdsUpTo } from "../fields.ts";

/** The commands of featured books, for operators. */
export function featuredCommands(deps: FeatureBooksDependencies): readonly Endpoint[] {
  return [
    commandEndpoint({
      method: "post",
      path: "/v1/library/featured",
      access: "operator",
      stream: featuredStream,
      command: "FeatureBooks",
      body: z.strictObject({ channel, bookIds: bookIdsUpTo(maxFeatured) }),
      refusals: [],
      problems: ["book_not_found"],
      sent: ({ body }) => body,
      run: (_, sent, context) => featureBooks(deps, sent, context),
      summary: "Set the featured books of a channel, in this order",
      description: "They replace the previous ones.",
    }),
  ];
}
