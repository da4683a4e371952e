import { defineStream } from "../stream.ts";
import { projectionsDecider } from "./decider.ts";
import { projectionsEvents, scavengeEvents } from "./events.ts";
import { scavengeDecider } from "./scavengeDecider.ts";

/** `operations-projections`: the events that read models skip. It has no partition key, because every build reads it. */
export const skipsStream = defineStream({
  category: "operations",
  id: "projections",
  events: projectionsEvents,
  decider: projectionsDecider,
  refusals: {},
  keys: {},
});

/** `operations-scavenge`: when scavenges began and ended. */
export const scavengesStream = defineStream({
  category: "operations",
  id: "scavenge",
  events: scavengeEvents,
  decider: scavengeDecider,
  refusals: {},
  keys: {},
});
