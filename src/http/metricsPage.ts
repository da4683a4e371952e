import type { RequestHandler } from "express";

/** What the metrics' page shows: the text format of Prometheus. */
export type MetricsText = { readonly contentType: string; metrics(): Promise<string> };

/** Serves the metrics of this process. */
export function metricsPage(registry: MetricsText): RequestHandler {
  return async (_request, response) => {
    const text = await registry.metrics();
    response.set({ "Content-Type": registry.contentType, "Cache-Control": "no-store" });
    response.end(text);
  };
}
