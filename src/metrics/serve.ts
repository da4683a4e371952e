import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { cachedFor } from "../platform/singleFlight.ts";

/** As for the page of the API process. */
const maxAgeMs = 1_000;

/**
 * Serves the metrics of a process without an HTTP API, at /metrics on host:port (port 0: a free one). Rejects if the port is in
 * use. The page is formatted at most once a second.
 */
export async function serveMetrics(
  registry: Registry,
  host: string,
  port: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const written = cachedFor(maxAgeMs, () => registry.metrics());
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    written().then(
      (text) => response.setHeader("Content-Type", registry.contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
