import { defineStream } from "../../stream.ts";
import { bookmarksDecider } from "./decider.ts";
import { bookmarksEvents } from "./events.ts";
import { bookmarksRefusals } from "./refusals.ts";

/** A reader's bookmarks, `bookmarks-<readerId>`. */
export const bookmarksStream = defineStream({
  category: "bookmarks",
  events: bookmarksEvents,
  decider: bookmarksDecider,
  refusals: bookmarksRefusals,
  keys: { reader: "id", book: { field: "bookId" } },
});
