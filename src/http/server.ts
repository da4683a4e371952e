import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { watchConnections } from "./connections.ts";
import { messagesOf } from "./messages.ts";

/** Longer than the 60 s after which load balancers drop an idle connection: never the server first. */
const keepAliveMs = 65_000;

/**
 * How long a request may take to come in: 32 MiB at 5 KB/s. Its head has a minute, as have a body of JSON (requestBody.ts) and
 * the silence in an upload (uploadedBytes.ts).
 */
const uploadMs = 2 * 60 * 60_000;
const headMs = 60_000;

/** How long clients that keep a connection alive have for a request whose response tells them that it closes. */
const defaultQuietMs = 1_000;

export type RunningServer = {
  readonly port: number;
  /** Takes no more connections, and resolves when the requests under way are answered and all connections closed. */
  close(): Promise<void>;
};

/**
 * Serves `app` on host:port (port 0: one that is free). Rejects when the port is taken. A server that closes ends idle
 * connections after `quietMs`.
 */
export async function serve(
  app: Express,
  host: string,
  port: number,
  quietMs = defaultQuietMs,
): Promise<RunningServer> {
  const server = createServer({
    ...{ keepAliveTimeout: keepAliveMs, requestTimeout: uploadMs, headersTimeout: headMs },
    ...messagesOf(app),
  });
  const connections = watchConnections(server);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (connections.isAnswerable(request)) app(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => connections.close(quietMs) };
}
