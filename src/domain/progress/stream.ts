import { defineStream } from "../stream.ts";
import { progressDecider, rememberedEntries } from "./decider.ts";
import { progressEvents } from "./events.ts";

/** Where and for how long a reader read, `progress-<readerId>`. It grows with every page: its last entries make its state. */
export const progressStream = defineStream({
  category: "progress",
  events: progressEvents,
  decider: progressDecider,
  refusals: {},
  keys: { reader: "id", book: { field: "bookId" } },
  window: rememberedEntries,
});
