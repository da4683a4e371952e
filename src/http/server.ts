import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { messagesOf } from "./messages.ts";

/** Longer than the 60 s after which load balancers drop an idle connection: never the server first. */
const keepAliveMs = 65_000;

export type RunningServer = {
  readonly port: number;
  /** Takes no more connections, and resolves when the requests in flight are answered. */
  close(): Promise<void>;
};

/** Serves `app` on host:port (port 0: one that is free). Rejects when the port is taken. */
export async function serve(app: Express, host: string, port: number): Promise<RunningServer> {
  const server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout: 60_000, ...messagesOf(app) }, app);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        // A connection that was busy when the server closed would be kept alive: look for idle ones until none is left.
        const idle = setInterval(() => server.closeIdleConnections(), 50);
        server.close((error) => {
          clearInterval(idle);
          if (error === undefined) resolve();
          else reject(error);
        });
      }),
  };
}
