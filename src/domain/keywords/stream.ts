import { defineStream } from "../stream.ts";
import { keywordDecider, rememberedSearches } from "./decider.ts";
import { keywordEvents } from "./events.ts";

/** What a reader searched for, `search-<readerId>`; the searches of one day without a login, `search-anonymous-<day>`. */
export const searchStream = defineStream({
  category: "search",
  events: keywordEvents,
  decider: keywordDecider,
  refusals: {},
  keys: { reader: "id" },
  window: rememberedSearches,
});

/** The id of the stream of searches without a login on the day of `at` (UTC): no reader has such an id. */
export function anonymousSearches(at: Date): string {
  return `anonymous-${at.toISOString().slice(0, 10)}`;
}
