import type { Endpoint } from "../endpoint.ts";
import { type AnalyticsDeps, analyticsEndpoints } from "./analytics.ts";
import { type AsOfDeps, asOfEndpoints } from "./asOf.ts";
import { type EventsDeps, eventsEndpoint } from "./events.ts";
import type { ReplaysDeps } from "./ownReplay.ts";
import { replaysEndpoints } from "./replays.ts";

export type ReplayDeps = AsOfDeps & EventsDeps & ReplaysDeps & AnalyticsDeps;

/** The endpoints over the event log: for analysts, and for readers about themselves. */
export function replayEndpoints(deps: ReplayDeps): readonly Endpoint[] {
  return [eventsEndpoint(deps), ...replaysEndpoints(deps), ...analyticsEndpoints(deps), ...asOfEndpoints(deps)];
}
