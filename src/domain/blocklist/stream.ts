import { defineStream } from "../stream.ts";
import { blocklistDecider } from "./decider.ts";
import { blocklistEvents } from "./events.ts";

/**
 * The keywords that are excluded from the hot searches, `blocklist-keywords`. A single stream; for partitioning, its id serves
 * as the book id.
 */
export const blocklistStream = defineStream({
  category: "blocklist",
  id: "keywords",
  events: blocklistEvents,
  decider: blocklistDecider,
  refusals: { too_many_blocked: { is: "conflict", title: "No more keywords can be blocked" } },
  keys: { book: "id" },
});
