import { defineStream } from "../../stream.ts";
import { progressDecider, rememberedEntries } from "./decider.ts";
import { progressEvents } from "./events.ts";

/**
 * What a reader read, where and for how long, `progress-<readerId>`. It grows with every page, so only its last entries make
 * the state.
 */
export const progressStream = defineStream({
  category: "progress",
  events: progressEvents,
  decider: progressDecider,
  refusals: {},
  keys: { reader: "id", book: { field: "bookId" } },
  window: rememberedEntries,
});
