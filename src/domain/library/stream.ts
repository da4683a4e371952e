import { defineStream } from "../stream.ts";
import { libraryDecider } from "./decider.ts";
import { libraryEvents } from "./events.ts";
import { bookRefusals } from "./refusals.ts";

/** A book of the library, `book-<bookId>`. */
export const bookStream = defineStream({
  category: "book",
  events: libraryEvents,
  decider: libraryDecider,
  refusals: bookRefusals,
  keys: { book: "id" },
});
