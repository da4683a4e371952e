import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import type { Logger } from "../../platform/logger.ts";
import { isAnswerable, watchConnections } from "./connections.ts";
import { messagesOf } from "./expressMessages.ts";
import { paceRequests } from "./requestPacing.ts";
import { answerUnread, maxHeaderSize } from "./unreadRequests.ts";

/** Longer than the 60 s after which load balancers drop idle connections, so that the server is never the first to do so. */
const keepAliveMs = 65_000;

/**
 * Maximum time for a request to arrive: 32 MiB at 5 KB/s. Headers have a minute, as have JSON bodies (requestBody.ts) and pauses
 * in an upload (uploadedBytes.ts).
 */
const uploadMs = 2 * 60 * 60_000;
const headMs = 60_000;

/** Time that clients with a keep-alive connection have to send a request whose response announces the close. */
const defaultQuietMs = 1_000;

export type RunningServer = {
  readonly port: number;
  /** Stops accepting connections; resolves when all requests are answered and all connections closed. */
  close(): Promise<void>;
};

export type ServeOptions = {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** When closing, idle connections end after this time. */
  readonly quietMs?: number;
};

/** Serves `app`. Rejects if the port is in use. */
export async function serve(app: Express, options: ServeOptions): Promise<RunningServer> {
  const { host, port, logger, quietMs = defaultQuietMs } = options;
  const server = createServer({
    keepAliveTimeout: keepAliveMs,
    requestTimeout: uploadMs,
    headersTimeout: headMs,
    maxHeaderSize,
    requireHostHeader: false,

    ...messagesOf(app),
  });
  const connections = watchConnections(server);
  answerUnread(server, connections, logger);
  const start = paceRequests();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    start(() => {
      if (isAnswerable(request)) app(request, response);
    });
  });
  // Node refuses expectations other than 100-continue, without problem details; a server may ignore them (RFC 9110, 10.1.1).
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => connections.close(quietMs) };
}
