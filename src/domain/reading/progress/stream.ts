import { defineStream } from "../../stream.ts";
import { progressDecider, rememberedEntries } from "./decider.ts";
import { progressEvents } from "./events.ts";

/**
 * The chapters and places that a reader read, and for how long, `progress-<readerId>`. It grows with every page, so only its last
 * entries make the state.
 */
export const progressStream = defineStream({
  category: "progress",
  events: progressEvents,
  decider: progressDecider,
  refusals: {},
  keys: { reader: "id", book: { field: "bookId" } },
  window: rememberedEntries,
});
