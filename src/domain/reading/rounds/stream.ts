import { defineStream } from "../../stream.ts";
import { roundsDecider } from "./decider.ts";
import { roundsEvents } from "./events.ts";
import { roundsRefusals } from "./refusals.ts";

/** Which books a reader has finished or started again, `rounds-<readerId>`. */
export const roundsStream = defineStream({
  category: "rounds",
  events: roundsEvents,
  decider: roundsDecider,
  refusals: roundsRefusals,
  keys: { reader: "id", book: { field: "bookId" } },
});
