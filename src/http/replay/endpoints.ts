import type { Endpoint } from "../endpoint.ts";
import { type AnalyticsDependencies, analyticsEndpoints } from "./analytics.ts";
import { type AsOfDependencies, asOfEndpoints } from "./asOf.ts";
import { type EventsDependencies, eventsEndpoint } from "./events.ts";
import type { ReplaysDependencies } from "./ownReplay.ts";
import { replaysEndpoints } from "./replays.ts";

export type ReplayDependencies = AsOfDependencies & EventsDependencies & ReplaysDependencies & AnalyticsDependencies;

/** The endpoints over the event log: for analysts, and for readers about themselves. */
export function replayEndpoints(deps: ReplayDependencies): readonly Endpoint[] {
  return [eventsEndpoint(deps), ...replaysEndpoints(deps), ...analyticsEndpoints(deps), ...asOfEndpoints(deps)];
}
