import { openConnection } from "../load/connection.ts";
import { percentiles } from "../load/percentiles.ts";
import type { Request } from "./lines.ts";

export type Driven = { readonly rate: number; readonly p50: number; readonly p99: number };

/** Asks over kept-alive connections, one request at a time on each, for a while. Times in ms. Throws unless all answer 200. */
export async function drive(options: {
  readonly url: string;
  readonly next: () => Request;
  readonly connections: number;
  readonly lengthMs: number;
}): Promise<Driven> {
  const { url, next, connections, lengthMs } = options;
  const times: number[] = [];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await openConnection(url);
      while (performance.now() - begun < lengthMs) {
        const { path, headers } = next();
        const asked = performance.now();
        const answer = await connection.ask("GET", path, headers);
        times.push(performance.now() - asked);
        if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`);
      }
      connection.close();
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(times, 50, 99);
  return { rate: times.length / seconds, p50, p99 };
}
