import type { RequestHandler } from "express";
import { sharedFor } from "../platform/shared.ts";

/** What the metrics' page shows: the text format of Prometheus. */
export type MetricsText = { readonly contentType: string; metrics(): Promise<string> };

/** How old the page may be: to write it takes milliseconds in which nothing else is answered. */
const keptMs = 1_000;

/** Serves the metrics of this process, written once a second at most. */
export function metricsPage(registry: MetricsText, now?: () => number): RequestHandler {
  const written = sharedFor(keptMs, () => registry.metrics(), now);
  return async (_request, response) => {
    const text = await written();
    response.set({ "Content-Type": registry.contentType, "Cache-Control": "no-store" });
    response.end(text);
  };
}
