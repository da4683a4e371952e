import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { openConnection } from "../load/connection.ts";
import { cpuSeconds, percentiles } from "../load/percentiles.ts";
import { type Driven, drive } from "./drive.ts";
import { bareExpress, bareQueries } from "./floors.ts";
import { type Line, lines } from "./lines.ts";
import { startShelving } from "./shelving.ts";
import { makeWorld } from "./world.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "5" },
    books: { type: "string", default: "200" },
    readers: { type: "string", default: "500" },
    connections: { type: "string", default: "32" },
    only: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:queries -- [--seconds 5] [--rounds 5] [--books 200] [--readers 500] [--connections 32] [--only NAME]…

Queries over HTTP on a stack of its own, rate limits off: ${lines.map(({ name }) => name).join(", ")}. In each round each
line is measured beside two floors: a bare Express in a process of its own that answers with the same bytes, and the same
query to Postgres without HTTP. The load generator shares the machine and is counted in.`);
  process.exit(0);
}
const unknown = values.only.find((name) => lines.every((line) => line.name !== name));
if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such line (--help)`);
const measured = lines.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
const lengthMs = Number(values.seconds) * 1000;
const floorMs = Math.min(lengthMs, 3_000);
const connections = Number(values.connections);

type Round = Driven & { readonly express: number; readonly postgres: number };

const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-"));
console.log(`starting a stack in ${dataDir}`);
const stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });
const logger = createLogger("bench", "warn", process.stderr.fd);
const pool = createPool({ url: stack.environment.DATABASE_URL ?? "", max: 10, service: "bench", logger });
try {
  console.log(`importing ${values.books} books and filling ${values.readers} shelves`);
  const sizes = { books: Number(values.books), readers: Number(values.readers) };
  const world = await makeWorld({ api: stack.api, environment: stack.environment, dataDir, ...sizes });
  const secret = stack.environment.JWT_SECRETS?.split(",")[0]?.replace(/^[^:]*:/, "") ?? "";
  const rounds = new Map<Line, Round[]>(measured.map((line) => [line, []]));

  for (const line of measured) {
    const next = () => line.request(world);
    await drive({ url: stack.api, next, connections, lengthMs: 4_000 });
  }
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const line of measured) {
      const next = () => line.request(world);
      const body = await oneAnswer(next());
      const express = await bareExpress({ body, secret, next, connections, lengthMs: floorMs });
      const postgres = await bareQueries(() => line.query(pool, world), connections, floorMs);
      const shelving = line.shelving === undefined ? undefined : startShelving(stack.api, world, line.shelving);
      const cpuBefore = await cpuOfParts();
      const driven = await drive({ url: stack.api, next, connections, lengthMs });
      const cpu = used(cpuBefore, await cpuOfParts(), driven.rate * (lengthMs / 1000));
      const shelved = await shelving?.stop();
      if (shelved !== undefined) console.log(`meanwhile ${shelved.toFixed(0)} commands a second`);
      rounds.get(line)?.push({ ...driven, express, postgres });
      console.log(
        `round ${round} ${sentence(line, body.length, { ...driven, express, postgres })}; CPU a request: ${cpu}`,
      );
    }
  }
  console.log("medians:");
  for (const [line, results] of rounds) {
    const median = (of: (round: Round) => number) => percentiles(results.map(of), 50)[0] ?? Number.NaN;
    const { rate, p50, p99 } = { rate: median((r) => r.rate), p50: median((r) => r.p50), p99: median((r) => r.p99) };
    const ofExpress = median((r) => r.rate / r.express).toFixed(2);
    const ofPostgres = median((r) => r.rate / r.postgres).toFixed(2);
    console.log(
      `${line.name}: ${rate.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; of bare Express ${ofExpress}, of Postgres alone ${ofPostgres}`,
    );
  }
} finally {
  await pool.end();
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function sentence({ name }: Line, bytes: number, { rate, p50, p99, express, postgres }: Round): string {
  return (
    `${name} (${bytes} bytes): ${rate.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; ` +
    `bare Express ${express.toFixed(0)}/s (${(rate / express).toFixed(2)}), Postgres alone ${postgres.toFixed(0)}/s (${(rate / postgres).toFixed(2)})`
  );
}

/** The body of one answer, as text. */
async function oneAnswer({ path, headers }: ReturnType<Line["request"]>): Promise<string> {
  const connection = await openConnection(stack.api);
  const { status, body } = await connection.ask("GET", path, headers);
  connection.close();
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
  return Buffer.from(body, "latin1").toString();
}

/** CPU seconds by part so far; Postgres is left out, whose backends come and go. */
async function cpuOfParts(): Promise<Record<string, number>> {
  const own = process.cpuUsage();
  const api = await cpuSeconds(stack.processes().api?.pid ?? 0);
  return { api, "load generator": (own.user + own.system) / 1e6 };
}

/** Microseconds of CPU that each part used for a request. On a machine that others use too they say more than the rate. */
function used(before: Record<string, number>, after: Record<string, number>, requests: number): string {
  return Object.entries(after)
    .map(([name, value]) => `${name} ${(((value - (before[name] ?? 0)) / requests) * 1e6).toFixed(0)} µs`)
    .join(", ");
}
