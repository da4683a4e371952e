import type { RequestHandler } from "express";
import { cachedFor } from "../platform/singleFlight.ts";

/** The source of the metrics page, in Prometheus' text format. */
export type MetricsText = { readonly contentType: string; metrics(): Promise<string> };

/** The maximum age of the page: formatting it takes milliseconds in which nothing else is answered. */
const maxAgeMs = 1_000;

/** Serves the metrics of this process, formatted at most once a second. */
export function metricsPage(registry: MetricsText, now?: () => number): RequestHandler {
  const written = cachedFor(maxAgeMs, () => registry.metrics(), now);
  return async (_request, response) => {
    const text = await written();
    response.set({ "Content-Type": registry.contentType, "Cache-Control": "no-store" });
    response.end(text);
  };
}
