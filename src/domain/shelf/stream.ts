import { defineStream } from "../stream.ts";
import { shelfDecider } from "./decider.ts";
import { shelfEvents } from "./events.ts";
import { shelfRefusals } from "./refusals.ts";

/** A reader's shelf, `shelf-<readerId>`. */
export const shelfStream = defineStream({
  category: "shelf",
  events: shelfEvents,
  decider: shelfDecider,
  refusals: shelfRefusals,
  erasureCommand: { type: "ClearShelf" },
  keys: { reader: "id", book: { field: "bookId" } },
});
