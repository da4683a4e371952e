import { defineStream } from "../stream.ts";
import { accountDecider } from "./decider.ts";
import { accountEvents } from "./events.ts";

/** A reader's account, `account-<readerId>`. It outlives an erasure: its last event says that the rest is gone. */
export const accountStream = defineStream({
  category: "account",
  events: accountEvents,
  decider: accountDecider,
  refusals: { reader_erased: { is: "erased", title: "The reader was erased" } },
  keys: { reader: "id" },
});
