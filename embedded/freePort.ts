import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections. A client could take a port of
 * that range while its server restarts, even a client that tries to reach that very server.
 */
const firstPort = 20_000;
const lastPort = 32_000;

const given = new Set<number>();

/** A port of 127.0.0.1 that nothing listens on; never the same twice in one process. Rejects after 200 taken ones. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(firstPort, lastPort);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port found between ${firstPort} and ${lastPort}`);
}

/** Resolves with whether nothing listens on a port of 127.0.0.1. */
export const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
