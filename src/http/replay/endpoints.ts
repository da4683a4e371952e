import type { Endpoint } from "../endpoint.ts";
import { type AsOfDeps, asOfEndpoints } from "./asOf.ts";

export type ReplayDeps = AsOfDeps;

/** What the log says of the past: for analysts, and for readers of their own. */
export function replayEndpoints(deps: ReplayDeps): readonly Endpoint[] {
  return [...asOfEndpoints(deps)];
}
