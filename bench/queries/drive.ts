import { type Connection, openConnection } from "../load/connection.ts";
import { percentiles } from "../load/percentiles.ts";
import type { Request } from "./lines.ts";

/** Of the queries; times in ms. `commands` is how many were sent beside them. */
export type Driven = {
  readonly queries: number;
  readonly commands: number;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
};

/**
 * Sends queries over kept-alive connections, one at a time on each, for a while; `commands.share` (0 to 1) of the requests are
 * commands instead, to `commands.url`. Throws unless all answer 200.
 */
export async function drive(options: {
  readonly url: string;
  readonly next: () => Request;
  readonly commands: { readonly url: string; readonly share: number; readonly next: () => Request };
  readonly connections: number;
  readonly lengthMs: number;
  /** Called after each answer to a query with its path, the time (ms of performance.now), and the latency in ms. */
  readonly onAnswer?: (path: string, at: number, ms: number) => void;
}): Promise<Driven> {
  const { url, next, commands, connections, lengthMs, onAnswer } = options;
  const times: number[] = [];
  let sent = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const queries = await openConnection(url);
      const writes = commands.share > 0 ? await openConnection(commands.url) : undefined;
      while (performance.now() - begun < lengthMs) {
        if (writes !== undefined && Math.random() < commands.share) {
          await ask(writes, commands.next());
          sent++;
        } else {
          const asked = performance.now();
          const request = next();
          await ask(queries, request);
          const answered = performance.now();
          times.push(answered - asked);
          onAnswer?.(request.path, answered, answered - asked);
        }
      }
      queries.close();
      writes?.close();
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(times, 50, 99);
  return { queries: times.length, commands: sent, rate: times.length / seconds, p50, p99 };
}

async function ask(connection: Connection, { method, path, headers }: Request): Promise<void> {
  const { status, body } = await connection.ask(method, path, headers);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
}
