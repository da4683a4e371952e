import { defineStream } from "../stream.ts";
import { featuredDecider } from "./decider.ts";
import { featuredEvents } from "./events.ts";

/** The books that operators feature in a channel, `featured-<channel>`. */
export const featuredStream = defineStream({
  category: "featured",
  events: featuredEvents,
  decider: featuredDecider,
  refusals: {},
  keys: { book: { field: "bookId" } },
});
