import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { seededRandom } from "../../tests/chaos/random.ts";
import { asInProduction, fromOneAddress } from "../load/limits.ts";
import { drive } from "../queries/drive.ts";
import type { Request } from "../queries/lines.ts";
import { makeBooks, typedBeginnings, typedSearches } from "./books.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    books: { type: "string", default: "5000" },
    connections: { type: "string", default: "32" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:search -- [--url URL] [--books 5000] [--connections 32] [--seconds 10] [--rounds 3] [--seed 1]

Searches over HTTP on a stack of its own, with made-up books: search, suggest and hot, with the response cache of the API as in
production and, for search and suggest, without it. --url: a real Elasticsearch in place of the embedded one. The load generator
shares the machine.`);
  process.exit(0);
}
if (values.url !== undefined) process.env.ELASTICSEARCH_URL = values.url;

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

const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-search-"));
try {
  for (const cache of ["64", "0"]) await measure(cache);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function measure(cacheMb: string): Promise<void> {
  process.env.RESPONSE_CACHE_MB = cacheMb;
  const stack = await startStack({ dataDir, limits: fromOneAddress });
  try {
    if (cacheMb !== "0") console.log(asInProduction(fromOneAddress));
    await fill(stack.api, stack.environment);
    const names = cacheMb === "0" ? ["search", "suggest"] : Object.keys(lines);
    console.log(`\n${cacheMb === "0" ? "without the response cache" : `response cache of ${cacheMb} MB`}`);
    console.log(`${"".padEnd(10)} requests/s    p50 ms    p99 ms`);
    for (const name of names) {
      const next = lines[name] as () => Request;
      const commands = { url: stack.api, share: 0, next };
      const load = (lengthMs: number) =>
        drive({ url: stack.api, next, commands, connections: Number(values.connections), lengthMs });
      await load(2_000);
      for (let round = 0; round < Number(values.rounds); round++) {
        const { rate, p50, p99 } = await load(Number(values.seconds) * 1_000);
        const figures = [rate.toFixed(0), p50.toFixed(1), p99.toFixed(1)].map((figure) => figure.padStart(10));
        console.log(`${name.padEnd(10)} ${figures.join("")}`);
      }
    }
  } finally {
    await stack.stop();
  }
}

/** Imports the books; what is there already is left as it is. */
async function fill(api: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const file = join(dataDir, "books.jsonl");
  const lines = books.map((book, index) => JSON.stringify({ id: index, category: "玄幻", status: "完本", ...book }));
  await writeFile(file, lines.join("\n"));
  await promisify(execFile)(process.execPath, [heima, "library", "import", "--json", file], {
    env: { ...process.env, ...environment },
    maxBuffer: 256 * 1024 * 1024,
  });
  const last = books.at(-1)?.title ?? "";
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(`${api}/v1/search?q=${encodeURIComponent(last)}`);
    const page = (await answer.json()) as { exact?: unknown[] };
    if ((page.exact?.length ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("the books are not found");
}
