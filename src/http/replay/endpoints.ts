import type { Endpoint } from "../endpoint.ts";
import { type AsOfDeps, asOfEndpoints } from "./asOf.ts";
import { type EventsDeps, eventsEndpoint } from "./events.ts";

export type ReplayDeps = AsOfDeps & EventsDeps;

/** What the log says of the past: for analysts, and for readers of their own. */
export function replayEndpoints(deps: ReplayDeps): readonly Endpoint[] {
  return [eventsEndpoint(deps), ...asOfEndpoints(deps)];
}
