import { defineStream } from "../stream.ts";
import { bookmarksDecider } from "./decider.ts";
import { bookmarksEvents } from "./events.ts";
import { bookmarksRefusals } from "./refusals.ts";

/** The places that a reader marked, `bookmarks-<readerId>`. */
export const bookmarksStream = defineStream({
  category: "bookmarks",
  events: bookmarksEvents,
  decider: bookmarksDecider,
  refusals: bookmarksRefusals,
  keys: { reader: "id", book: { field: "bookId" } },
});
