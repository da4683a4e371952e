import { randomUUID } from "node:crypto";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { catalogueBooks } from "../commands/catalogue.ts";
import { makeReaders } from "../commands/workload.ts";
import { type Connection, headerOf, openConnection } from "../load/connection.ts";
import { asInProduction, fromOneAddress } from "../load/limits.ts";
import { percentiles } from "../load/percentiles.ts";
import { cpuOfTree } from "./cpu.ts";

/** Commands in flight at which due ones are shed: more connections would be refused. */
const maxUnderWay = 256;

/** Warm-up at each rate: a process optimises its code, and caches its readers' shelves, after some seconds of load. */
const warmUpMs = 15_000;

export type Lag = {
  readonly sent: number;
  /** Due but not sent: the system does not keep up with the rate. */
  readonly shed: number;
  readonly p50: number;
  readonly p99: number;
  readonly stale: number;
  /** Load of all processors, from 0 to 1, including the load generator. */
  readonly utilisation: number;
  /** By process: ms of CPU per command with its query. */
  readonly cpu: Readonly<Record<string, number>>;
};

/** From the answer of a command to the answer of a query with its token, in ms, at each rate of commands, open loop. */
export async function measureLag(
  dataDir: string,
  rates: readonly number[],
  forMs: number,
  onRate: (rate: number, lag: Lag) => void,
): Promise<void> {
  const stack = await startStack({ dataDir, limits: fromOneAddress });
  console.log(`lag: ${asInProduction(fromOneAddress)}`);
  try {
    const measured = await readersOf(stack);
    for (const rate of rates) {
      await drive(measured, rate, (elapsedMs) => elapsedMs >= warmUpMs);
      onRate(rate, await drive(measured, rate, (elapsedMs) => elapsedMs >= forMs));
    }
  } finally {
    await stack.stop();
  }
}

export type Readers = { readonly stack: Stack; readonly books: readonly string[]; readonly tokens: readonly string[] };

/** The claims of the stack's tokens. */
export const claims = { issuer: "heima-literature", audience: "heima-literature-api" };

/** Two thousand readers with tokens, and two hundred books. */
export async function readersOf(stack: Stack): Promise<Readers> {
  const books = await catalogueBooks(stack.environment.EVENTSTORE_URL ?? "", 200);
  const readers = makeReaders(2_000, stack.environment.JWT_SECRETS ?? "", claims);
  return { stack, books, tokens: readers.map(({ token }) => token) };
}

/** Shelves books, `perSecond` commands a second, each followed by a query that waits for it, until `isOver`. */
export async function drive(
  { stack, books, tokens }: Readers,
  perSecond: number,
  isOver: (elapsedMs: number) => boolean,
): Promise<Lag> {
  const idle: { connection: Connection; since: number }[] = [];
  /** The API closes connections that were idle for five seconds. */
  const takeConnection = async () => {
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (performance.now() - kept.since < 2_000) return kept.connection;
      kept.connection.close();
    }
    return openConnection(stack.api);
  };
  const lags: number[] = [];
  let stale = 0;
  let underWay = 0;
  let shed = 0;
  const shelve = async (index: number) => {
    const connection = await takeConnection();
    const authorization = `Bearer ${tokens[index % tokens.length]}`;
    const book = books[Math.floor(Math.random() * books.length)];
    const headers = { authorization, "idempotency-key": randomUUID() };
    const answer = await connection.ask("PUT", `/v1/shelf/${book}`, headers);
    if (answer.status !== 200) throw new Error(`PUT answered ${answer.status}: ${answer.body}`);
    const answered = performance.now();
    const token = headerOf(answer, "consistency-token") ?? "";
    const shelf = await connection.ask("GET", "/v1/shelf?limit=1", { authorization, "consistency-token": token });
    lags.push(performance.now() - answered);
    if (headerOf(shelf, "consistency") !== "current") stale++;
    idle.push({ connection, since: performance.now() });
  };
  const cpuOfParts = async () => {
    const parts = Object.entries(stack.processes());
    return Promise.all(parts.map(async ([name, part]) => [name, await cpuOfTree(part?.pid ?? 0)] as const));
  };
  const partsBefore = new Map(await cpuOfParts());
  const cpuBefore = await cpuOfTree(process.pid);
  const begun = performance.now();
  const sent: Promise<void>[] = [];
  for (;;) {
    const elapsed = performance.now() - begun;
    const due = Math.floor((elapsed * perSecond) / 1_000);
    while (sent.length + shed < due) {
      if (underWay >= maxUnderWay) {
        shed++;
        continue;
      }
      underWay++;
      const shelved = shelve(sent.length).finally(() => underWay--);
      // Awaited below; without a listener a failure would end the process earlier.
      shelved.catch(() => {});
      sent.push(shelved);
    }
    if (isOver(elapsed)) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(sent);
  const seconds = (performance.now() - begun) / 1_000;
  const { availableParallelism } = await import("node:os");
  const utilisation = ((await cpuOfTree(process.pid)) - cpuBefore) / seconds / availableParallelism();
  const used = (await cpuOfParts()).map(([name, cpu]) => {
    return [name, ((cpu - (partsBefore.get(name) ?? 0)) * 1_000) / sent.length] as const;
  });
  for (const { connection } of idle) connection.close();
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(lags, 50, 99);
  return { sent: sent.length, shed, p50, p99, stale, utilisation, cpu: Object.fromEntries(used) };
}
