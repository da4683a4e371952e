import { defineStream } from "../stream.ts";
import { blocklistDecider } from "./decider.ts";
import { blocklistEvents } from "./events.ts";

/** The keywords that are kept out of the hot searches, `blocklist-keywords`. There is one list: its id stands for a book's. */
export const blocklistStream = defineStream({
  category: "blocklist",
  id: "keywords",
  events: blocklistEvents,
  decider: blocklistDecider,
  refusals: { too_many_blocked: { is: "conflict", title: "No more keywords can be blocked" } },
  keys: { book: "id" },
});
