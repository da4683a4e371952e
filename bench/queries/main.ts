import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { openConnection } from "../load/connection.ts";
import { asInProduction, fromFewReaders } from "../load/limits.ts";
import { cpuSeconds, percentiles } from "../load/percentiles.ts";
import { cpuOfPostgres } from "./cpu.ts";
import { type Driven, drive } from "./drive.ts";
import { type Line, lines, type Request } from "./lines.ts";
import { shelving } from "./shelving.ts";
import { startSubjects } from "./subjects.ts";
import { makeWorld } from "./world.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "5" },
    books: { type: "string", default: "200" },
    readers: { type: "string", default: "500" },
    connections: { type: "string", default: "32" },
    writes: { type: "string", default: "0" },
    only: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:queries -- [--seconds 5] [--rounds 5] [--books 200] [--readers 500] [--connections 32] [--writes 0] [--only NAME]…

Queries over HTTP on a stack of its own: ${lines.map(({ name }) => name).join(", ")}. In each round each
line is measured three times, in processes of their own, in turn: the floor (a bare Express with jsonwebtoken and one prepared
select that makes the same bytes), the API without its response cache, and the API with it. --writes 5: five of a hundred
requests are commands on shelves, sent to another process of the API. CPU is of the process that answers and of all of
Postgres, for each query, beyond what they use in that time while nobody asks. The load generator shares the machine.`);
  process.exit(0);
}
const unknown = values.only.find((name) => lines.every((line) => line.name !== name));
if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such line (--help)`);
const measured = lines.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
const connections = Number(values.connections);

/** CPU seconds of the answering process, and of Postgres. */
type Cpu = { readonly process: number; readonly postgres: number };

/** With microseconds of CPU for each query. */
type Round = Driven & Cpu;

const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-"));
console.log(`starting a stack in ${dataDir}`);
const stack = await startStack({ dataDir, limits: fromFewReaders });
console.log(asInProduction(fromFewReaders));
try {
  console.log(`importing ${values.books} books and filling ${values.readers} shelves`);
  const sizes = { books: Number(values.books), readers: Number(values.readers) };
  const world = await makeWorld({ api: stack.api, environment: stack.environment, dataDir, ...sizes });
  const subjects = await startSubjects(stack.environment, dataDir);
  try {
    const commands = { url: stack.api, share: Number(values.writes) / 100, next: () => shelving(world) };
    const load = (line: Line, url: string, lengthMs: number) =>
      drive({ url, next: () => line.request(world), commands, connections, lengthMs });
    for (const line of measured) {
      const urls = subjects.map(({ url }) => url);
      await compareAnswers(line.name, line.request(world), urls);
      // Node optimises hot code only after some thousand requests.
      for (const { url } of subjects) await load(line, url, 2_000);
    }
    const idle = new Map<string, Cpu>();
    for (const { name, pid } of subjects) {
      const before = await cpu(pid);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      idle.set(name, perSecond(before, await cpu(pid), 3));
    }
    for (const line of measured) {
      const rounds = new Map(subjects.map(({ name }) => [name, [] as Round[]]));
      for (let round = 1; round <= Number(values.rounds); round++) {
        for (const { name, url, pid } of subjects) {
          const before = await cpu(pid);
          const driven = await load(line, url, Number(values.seconds) * 1000);
          const after = await cpu(pid);
          const seconds = driven.queries / driven.rate;
          const busy = perSecond(before, after, seconds);
          const each = (part: keyof Cpu) => ((busy[part] - (idle.get(name)?.[part] ?? 0)) / driven.rate) * 1e6;
          rounds.get(name)?.push({ ...driven, process: each("process"), postgres: each("postgres") });
        }
      }
      report(line, rounds);
    }
  } finally {
    await Promise.all(subjects.map(({ stop }) => stop()));
  }
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function perSecond(before: Cpu, after: Cpu, seconds: number): Cpu {
  return {
    process: (after.process - before.process) / seconds,
    postgres: (after.postgres - before.postgres) / seconds,
  };
}

async function cpu(pid: number): Promise<Cpu> {
  const postgres = stack.processes().postgres?.pid ?? 0;
  return { process: await cpuSeconds(pid), postgres: await cpuOfPostgres(postgres) };
}

function report({ name }: Line, rounds: ReadonlyMap<string, readonly Round[]>): void {
  const floor = rounds.get("floor") ?? [];
  console.log(`${name}, medians of ${floor.length} rounds:`);
  const median = (list: readonly number[]) => percentiles(list, 50)[0] ?? Number.NaN;
  const cpuOf = (round: Round | undefined) => (round?.process ?? Number.NaN) + (round?.postgres ?? Number.NaN);
  for (const [subject, list] of rounds) {
    const of = (part: (round: Round) => number, digits = 0) => median(list.map(part)).toFixed(digits);
    // Each round is compared with the floor of the same round.
    const ratio = (part: (round: Round, floor: Round | undefined) => number) =>
      median(list.map((round, index) => part(round, floor[index]))).toFixed(2);
    console.log(
      `  ${subject.padEnd(13)} ${of((r) => r.rate)}/s, p50 ${of((r) => r.p50, 1)} ms, p99 ${of((r) => r.p99, 1)} ms; ` +
        `CPU ${of((r) => r.process)} µs and Postgres ${of((r) => r.postgres)} µs; of the floor: rate ` +
        `${ratio((r, f) => r.rate / (f?.rate ?? Number.NaN))}, process ${ratio((r, f) => (f?.process ?? Number.NaN) / r.process)}, ` +
        `process and Postgres ${ratio((r, f) => cpuOf(f) / cpuOf(r))}; ${of((r) => r.commands)} commands`,
    );
  }
}

/** Throws unless all answer with the same bytes. */
async function compareAnswers(
  name: string,
  { method, path, headers }: Request,
  urls: readonly string[],
): Promise<void> {
  const bodies = await Promise.all(
    urls.map(async (url) => {
      const connection = await openConnection(url);
      const { status, body } = await connection.ask(method, path, headers);
      connection.close();
      if (status !== 200) throw new Error(`${url}${path} answered ${status}: ${body}`);
      return body;
    }),
  );
  const other = bodies.findIndex((body) => body !== bodies[0]);
  if (other >= 0) throw new Error(`${path}: ${urls[0]} answers ${bodies[0]}\n${urls[other]} ${bodies[other]}`);
  console.log(`${name}: ${Buffer.byteLength(bodies[0] ?? "", "latin1")} bytes`);
}
