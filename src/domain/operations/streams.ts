import { defineStream } from "../stream.ts";
import { nameOf } from "../streamNames.ts";
import { scavengeEvents, skipsEvents } from "./events.ts";
import { scavengeDecider } from "./scavengeDecider.ts";
import { skipsDecider } from "./skipsDecider.ts";

/** `operations-projections`: the events that read models skip. It has no partition key, because every build reads it. */
export const skipsStream = defineStream({
  category: "operations",
  id: "projections",
  events: skipsEvents,
  decider: skipsDecider,
  refusals: {},
  keys: {},
});

export const skipsStreamName = nameOf(skipsStream, "projections");

/** `operations-scavenge`: when scavenges began and ended. */
export const scavengesStream = defineStream({
  category: "operations",
  id: "scavenge",
  events: scavengeEvents,
  decider: scavengeDecider,
  refusals: {},
  keys: {},
});

export const scavengesStreamName = nameOf(scavengesStream, "scavenge");
