import { docsPages } from "./docs/docsPages.ts";
import type { Endpoint } from "./endpoint.ts";
import { type MetricsText, metricsPage } from "./metricsPage.ts";
import { openApiDocument } from "./openapi/document.ts";
import { openApiPage } from "./openapi/page.ts";
import type { Pages } from "./server/app.ts";

/** The pages besides the endpoints: API documentation and metrics. `version` is the program's. */
export function docsAndMetricsPages(endpoints: readonly Endpoint[], version: string, metrics: MetricsText): Pages {
  return {
    "/openapi.json": openApiPage(openApiDocument(endpoints, version)),
    ...docsPages(),
    "/metrics": metricsPage(metrics),
  };
}
