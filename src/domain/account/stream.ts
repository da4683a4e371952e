import { defineStream } from "../stream.ts";
import { accountDecider } from "./decider.ts";
import { accountEvents } from "./events.ts";

/** A reader's account, `account-<readerId>`. It survives an erasure: its last event records that the reader was erased. */
export const accountStream = defineStream({
  category: "account",
  events: accountEvents,
  decider: accountDecider,
  refusals: { reader_erased: { is: "erased", title: "The reader was erased" } },
  keys: { reader: "id" },
});
