import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { headerOf, openConnection } from "../load/connection.ts";
import { asInProduction, fromOneAddress } from "../load/limits.ts";
import { cpuSeconds, percentiles } from "../load/percentiles.ts";
import { bareAppends, bareExpress } from "./baselines.ts";
import { catalogueBooks } from "./catalogue.ts";
import { driveProgress, publishChapters } from "./progress.ts";
import { makeReaders, nextMove, type Reader } from "./workload.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    readers: { type: "string", default: "10000" },
    books: { type: "string", default: "1000" },
    connections: { type: "string", default: "32" },
    rounds: { type: "string", default: "3" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:commands -- [--seconds 20] [--rounds 3] [--readers 10000] [--books 1000] [--connections 32]

Shelves and unshelves, then reports progress (one entry, and 20 a command) over HTTP on a stack of its own, dispatcher and worker running, beside two baselines in the same run:
Express with a JWT and nothing behind it, and bare appends through the official client.`);
  process.exit(0);
}
const lengthMs = Number(values.seconds) * 1000;
const connections = Number(values.connections);
const bookCount = Number(values.books);
/** One in this many commands is followed by a query with its token, on the same connection. */
const lookEvery = 50;
/** Entries of a command that reports what was read offline. */
const batchSize = 20;

const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-"));
console.log(`starting a stack in ${dataDir}`);
const stack = await startStack({ dataDir, limits: fromOneAddress });
console.log(asInProduction(fromOneAddress));
try {
  const books = await catalogueBooks(stack.environment.EVENTSTORE_URL ?? "", bookCount);
  await publishChapters(stack.environment.EVENTSTORE_URL ?? "", books);
  const claims = { issuer: "heima-literature", audience: "heima-literature-api" };
  const readers = makeReaders(Number(values.readers), stack.environment.JWT_SECRETS ?? "", claims);
  // Node optimises hot code only after some thousand requests, and each reader's first command reads a stream.
  await drive(readers, books, 15_000);
  const progress = (entries: number, forMs: number) =>
    driveProgress({ api: stack.api, readers, books, entries, connections, forMs });
  await progress(1, 5_000);
  await progress(batchSize, 5_000);
  const rounds: Awaited<ReturnType<typeof drive>>[] = [];
  const progressRounds: ProgressRound[] = [];
  const floors: { express: number; appends: number }[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    const express = await bareExpress(connections, 4_000);
    const appends = await bareAppends(stack.environment.EVENTSTORE_URL ?? "", connections, 4_000);
    floors.push({ express, appends });
    const result = await drive(readers, books, lengthMs);
    rounds.push(result);
    console.log(
      `round ${round}: ${result.rate.toFixed(0)} commands/s, p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms; ` +
        `2xx → visible p50 ${result.lag50.toFixed(1)} ms, p99 ${result.lag99.toFixed(1)} ms (${result.looks} looks, ${result.stale} stale); ` +
        `bare Express ${express.toFixed(0)}/s (${(result.rate / express).toFixed(2)}), bare appends ${appends.toFixed(0)}/s (${(result.rate / appends).toFixed(2)})`,
    );
    console.log(`         CPU seconds per second: ${result.cpu}`);
    for (const entries of [1, batchSize]) {
      const made = await progress(entries, lengthMs / 2);
      progressRounds.push({ entries, ...made, ofAppends: made.rate / appends });
      console.log(`         ${describe(progressRounds.at(-1))}`);
    }
  }
  const median = (pick: (index: number) => number) =>
    percentiles(
      rounds.map((_, index) => pick(index)),
      50,
    )[0] ?? Number.NaN;
  const at = (index: number) => rounds[index] as (typeof rounds)[number];
  console.log(
    `median: ${median((i) => at(i).rate).toFixed(0)} commands/s, p50 ${median((i) => at(i).p50).toFixed(1)}, p99 ${median((i) => at(i).p99).toFixed(1)} ms; ` +
      `visible p50 ${median((i) => at(i).lag50).toFixed(1)}, p99 ${median((i) => at(i).lag99).toFixed(1)} ms; ` +
      `of bare Express ${median((i) => at(i).rate / (floors[i]?.express ?? 1)).toFixed(2)}, of bare appends ${median((i) => at(i).rate / (floors[i]?.appends ?? 1)).toFixed(2)}`,
  );
  for (const entries of [1, batchSize]) {
    const of = progressRounds.filter((round) => round.entries === entries);
    const middle = (key: keyof ProgressRound) =>
      percentiles(
        of.map((round) => round[key]),
        50,
      )[0] ?? Number.NaN;
    const [rate, p50, p99, ofAppends] = [middle("rate"), middle("p50"), middle("p99"), middle("ofAppends")];
    console.log(`median: ${describe({ entries, rate, p50, p99, ofAppends })}`);
  }
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

type ProgressRound = Awaited<ReturnType<typeof driveProgress>> & {
  readonly entries: number;
  readonly ofAppends: number;
};

function describe(round: ProgressRound | undefined): string {
  if (round === undefined) return "";
  const { entries, rate, p50, p99, ofAppends } = round;
  const perSecond = `${rate.toFixed(0)} commands/s, ${(rate * entries).toFixed(0)} entries/s`;
  return `progress of ${entries}: ${perSecond}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; of bare appends ${ofAppends.toFixed(2)}`;
}

/** Drives commands over all connections for a time, and measures their latency and the time until their events are visible. */
async function drive(readers: readonly Reader[], books: readonly string[], forMs: number) {
  const times: number[] = [];
  const lags: number[] = [];
  const busy = new Set<Reader>();
  let stale = 0;
  const cpuBefore = await cpuOfParts();
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const connection = await openConnection(stack.api);
      for (let sent = index; performance.now() - begun < forMs; sent++) {
        const { reader, method, book, changes } = nextMove(readers, bookCount, busy);
        busy.add(reader);
        const authorization = `Bearer ${reader.token}`;
        const asked = performance.now();
        const answer = await connection.ask(method, `/v1/shelf/${books[book]}`, {
          authorization,
          "idempotency-key": randomUUID(),
        });
        const answered = performance.now();
        times.push(answered - asked);
        if (answer.status !== 200) throw new Error(`${method} answered ${answer.status}: ${answer.body}`);
        if (answer.body.includes('"events":[]') === changes)
          throw new Error(`${method} of book ${book}: ${answer.body}`);
        if (changes && method === "PUT") reader.shelf.add(book);
        else if (changes) reader.shelf.delete(book);
        if (sent % lookEvery === 0 && changes) {
          const token = headerOf(answer, "consistency-token") ?? "";
          const shelf = await connection.ask("GET", "/v1/shelf?limit=1", { authorization, "consistency-token": token });
          lags.push(performance.now() - answered);
          if (shelf.status !== 200) throw new Error(`the shelf answered ${shelf.status}: ${shelf.body}`);
          if (headerOf(shelf, "consistency") !== "current") stale++;
          else if (method === "PUT" && !shelf.body.includes(`"${books[book]}"`)) {
            throw new Error(`a current shelf does not show ${books[book]}: ${shelf.body}`);
          }
        }
        busy.delete(reader);
      }
      connection.close();
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  const [p50 = Number.NaN, p99 = Number.NaN] = percentiles(times, 50, 99);
  const [lag50 = Number.NaN, lag99 = Number.NaN] = percentiles(lags, 50, 99);
  const cpuAfter = await cpuOfParts();
  const cpu = Object.entries(cpuAfter)
    .map(([name, used]) => `${name} ${((used - (cpuBefore[name] ?? 0)) / seconds).toFixed(2)}`)
    .join(", ");
  return { rate: times.length / seconds, p50, p99, lag50, lag99, looks: lags.length, stale, cpu };
}

/** CPU seconds by part; for Postgres only that of the postmaster, which does little: its backends are short-lived. */
async function cpuOfParts(): Promise<Record<string, number>> {
  const parts = Object.entries(stack.processes()).filter(([name]) => name !== "postgres" && name !== "wechat");
  const used = parts.map(async ([name, part]) => [name, await cpuSeconds(part?.pid ?? 0)] as const);
  const own = process.cpuUsage();
  return { ...Object.fromEntries(await Promise.all(used)), "load generator": (own.user + own.system) / 1e6 };
}
