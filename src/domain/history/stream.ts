import { defineStream } from "../stream.ts";
import { historyDecider } from "./decider.ts";
import { historyEvents } from "./events.ts";
import { historyRefusals } from "./refusals.ts";

/** The books that a reader opened, `history-<readerId>`. */
export const historyStream = defineStream({
  category: "history",
  events: historyEvents,
  decider: historyDecider,
  refusals: historyRefusals,
  keys: { reader: "id", book: { field: "bookId" } },
});
