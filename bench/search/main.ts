import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { seededRandom } from "../../tests/chaos/random.ts";
import { asInProduction, fromOneAddress } from "../load/limits.ts";
import { cpuSeconds } from "../load/percentiles.ts";
import { cpuOfPostgres } from "../queries/cpu.ts";
import { drive } from "../queries/drive.ts";
import type { Request } from "../queries/lines.ts";
import { makeBooks, typedBeginnings, typedSearches } from "./books.ts";
import { createSlowReport } from "./slow.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    "server-pid": { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    cache: { type: "string", multiple: true, default: ["64", "0"] },
    books: { type: "string", default: "5000" },
    connections: { type: "string", default: "32" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    data: { type: "string" },
    slow: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:search -- [--url URL [--server-pid PID]] [--books 5000] [--connections 32] [--seconds 10] [--rounds 3] [--seed 1]
                           [--only search|suggest|hot]… [--cache 64|0]… [--data DIR] [--slow]

Searches over HTTP on a stack of its own, with made-up books: search, suggest and hot, with the response cache of the API as in
production and, for search and suggest, without it (--cache 0). --url: a real Elasticsearch in place of the embedded one. CPU is in µs for
each request, of the API, Elasticsearch (of a given one with --server-pid), Postgres, the other processes of the stack, and the load generator, which shares
the machine. --data: a folder that is kept, so that the next run need not import the books again. --slow: what the slowest answers have in common. BENCH_PROFILE_DIR=DIR: CPU profiles of the Node processes of the stack.`);
  process.exit(0);
}
if (values.url !== undefined) process.env.ELASTICSEARCH_URL = values.url;
const profileDir = process.env.BENCH_PROFILE_DIR;
const profiler = new URL("../load/profileOnSignal.mjs", import.meta.url).href;
if (profileDir !== undefined) process.env.NODE_OPTIONS = `--import ${profiler}`;

const heima = fileURLToPath(new URL("../../bin/heima.js", import.meta.url));
const books = makeBooks(Number(values.books), Number(values.seed));
const random = seededRandom(Number(values.seed));
const get = (path: string): Request => ({ method: "GET", path, headers: {} });
const typed = (path: string, next: () => string) => () => get(`${path}?q=${encodeURIComponent(next())}`);
const lines: Readonly<Record<string, () => Request>> = {
  search: typed("/v1/search", typedSearches(books, random)),
  suggest: typed("/v1/search/suggest", typedBeginnings(books, random)),
  hot: () => get("/v1/search/hot"),
};

/** Code that has run less is not optimised yet: on a busy machine two seconds are a few dozen searches. */
const warmRequests = 1_000;
const warmMs = { each: 2_000, most: 60_000 };

const measuredParts = ["API", "Elasticsearch", "Postgres", "others"] as const;

const dataDir = values.data ?? (await mkdtemp(join(tmpdir(), "heima-bench-search-")));
try {
  for (const cache of values.cache) await measure(cache);
} finally {
  if (values.data === undefined) await rm(dataDir, { recursive: true, force: true });
}

async function measure(cacheMb: string): Promise<void> {
  process.env.RESPONSE_CACHE_MB = cacheMb;
  const stack = await startStack({ dataDir, limits: fromOneAddress });
  try {
    if (cacheMb !== "0") console.log(asInProduction(fromOneAddress));
    await fill(stack.api, stack.environment);
    const names = (cacheMb === "0" ? ["search", "suggest"] : Object.keys(lines)).filter(
      (name) => values.only.length === 0 || values.only.includes(name),
    );
    console.log(`\n${cacheMb === "0" ? "without the response cache" : `response cache of ${cacheMb} MB`}`);
    console.log(
      `${"".padEnd(10)} requests/s    p50 ms    p99 ms       CPU: ${measuredParts.join(", ")}, load generator`,
    );
    for (const name of names) {
      const next = lines[name] as () => Request;
      const commands = { url: stack.api, share: 0, next };
      const seen = new Set<string>();
      const toSeen = (path: string) => void seen.add(path);
      const load = (lengthMs: number, onAnswer: ReturnType<typeof createSlowReport>["add"] = toSeen) =>
        drive({ url: stack.api, next, commands, connections: Number(values.connections), lengthMs, onAnswer });
      await warmUp(load);
      for (let round = 0; round < Number(values.rounds); round++) {
        toggleProfiles(stack);
        const before = await cpuOf(stack);
        const slow = values.slow ? createSlowReport(seen) : undefined;
        const { queries, rate, p50, p99 } = await load(Number(values.seconds) * 1_000, slow?.add);
        const after = await cpuOf(stack);
        toggleProfiles(stack);
        const figures = [rate.toFixed(0), p50.toFixed(1), p99.toFixed(1)].map((figure) => figure.padStart(10));
        const cpu = after.map((seconds, part) => (((seconds - (before[part] ?? 0)) / queries) * 1e6).toFixed(0));
        console.log(`${name.padEnd(10)} ${figures.join("")}       ${cpu.join(", ")}`);
        for (const line of slow?.lines() ?? []) console.log(`           ${line}`);
      }
    }
  } finally {
    await stack.stop();
  }
}

async function warmUp(load: (lengthMs: number) => Promise<{ readonly queries: number }>): Promise<void> {
  const until = performance.now() + warmMs.most;
  for (let asked = 0; asked < warmRequests && performance.now() < until; ) asked += (await load(warmMs.each)).queries;
}

/** Starts or stops the profiles of our programs. */
function toggleProfiles(stack: Stack): void {
  if (profileDir === undefined) return;
  for (const name of ["api", "worker", "dispatcher", "elasticsearch", "eventstore"] as const)
    stack.kill(name, "SIGUSR2");
}

/** CPU seconds so far of each of `measuredParts`, then of this process; NaN for unknown ones. */
async function cpuOf(stack: Stack): Promise<readonly number[]> {
  const { api, elasticsearch, postgres, ...others } = stack.processes();
  const serverPid = values["server-pid"] ?? elasticsearch?.pid;
  const { user, system } = process.cpuUsage();
  const ofOthers = await Promise.all(Object.values(others).map(({ pid }) => cpuSeconds(pid ?? 0)));
  return [
    await cpuSeconds(api?.pid ?? 0),
    await cpuSeconds(Number(serverPid ?? 0)),
    await cpuOfPostgres(postgres?.pid ?? 0),
    ofOthers.reduce((sum, seconds) => sum + seconds, 0),
    (user + system) / 1e6,
  ];
}

/** Imports the books; existing ones are left unchanged. */
async function fill(api: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const file = join(dataDir, "books.jsonl");
  const lines = books.map((book, index) => JSON.stringify({ id: index, category: "玄幻", status: "完本", ...book }));
  await writeFile(file, lines.join("\n"));
  const run = () =>
    promisify(execFile)(process.execPath, [heima, "library", "import", "--json", file], {
      env: { ...process.env, ...environment },
      maxBuffer: 256 * 1024 * 1024,
    });
  // On a busy machine a read may time out; a repeated import continues where it stopped.
  await run().catch(run).catch(run);
  const last = books.at(-1)?.title ?? "";
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(`${api}/v1/search?q=${encodeURIComponent(last)}`);
    const page = (await answer.json()) as { exact?: unknown[] };
    if ((page.exact?.length ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("the books are not found");
}
