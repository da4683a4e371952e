import { defineStream } from "../stream.ts";
import { preferencesDecider } from "./decider.ts";
import { preferencesEvents } from "./events.ts";

/** A reader's preferences and settings, `preferences-<readerId>`. */
export const preferencesStream = defineStream({
  category: "preferences",
  events: preferencesEvents,
  decider: preferencesDecider,
  refusals: {},
  keys: { reader: "id" },
});
