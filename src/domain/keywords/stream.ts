import { defineStream } from "../stream.ts";
import { keywordDecider, rememberedSearches } from "./decider.ts";
import { keywordEvents } from "./events.ts";

/** A reader's searches, `search-<readerId>`; searches of one day without a login, `search-anonymous-<day>`. */
export const searchStream = defineStream({
  category: "search",
  events: keywordEvents,
  decider: keywordDecider,
  refusals: {},
  keys: { reader: "id" },
  window: rememberedSearches,
});

/** The stream id of searches without a login on the day of `at` (UTC). It cannot be a reader's id. */
export function anonymousSearches(at: Date): string {
  return `anonymous-${at.toISOString().slice(0, 10)}`;
}
