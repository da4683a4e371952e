import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Child, startChild } from "../../embedded/childProcess.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import { freshDatabase } from "../support/database.ts";
import { freshElasticsearch } from "../support/elasticsearch.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { redisUrl } from "../support/redis.ts";
import { untilWithin } from "../support/waiting.ts";
import { type CodeBlock, codeBlocksOf, fileOf } from "./codeBlocks.ts";

// Executes docs/projections.md step by step, in a copy of the project with running servers, as its reader would.

const project = fileURLToPath(new URL("../../", import.meta.url));
const copied = ["src", "embedded", "clients", "bin", "migrations", "tests/support", "package.json"];
copied.push("vitest.config.ts", "biome.json", ".dependency-cruiser.cjs", ".gitignore");
const run = promisify(execFile);
const patienceMs = 300_000;
const logger = createLogger("test", "silent");

type Block = CodeBlock & { readonly path: string | undefined };
const blocks: readonly Block[] = codeBlocksOf(readFileSync(join(project, "docs/projections.md"), "utf8"))
  .map((block) => ({ ...block, path: fileOf(block) }))
  // A block without a file name is an excerpt, for reading only.
  .filter(({ language, path }) => language !== "ts" || path !== undefined);

/** The files that tsc checks in the copy: those of the page and their imports. The whole project is checked before the tests. */
const checkedFiles = [...new Set(["src/projections", "src/queries/shelf", ...blocks.map(({ path }) => path)])]
  .filter((path) => path !== undefined)
  .map((path) => `\n    ${JSON.stringify(path)}`)
  .join(",");

let copy: string;
let pool: Pool;
let environment: NodeJS.ProcessEnv;
const closing: (() => Promise<unknown>)[] = [];
let processes: Child[] = [];

beforeAll(async () => {
  copy = realpathSync(await mkdtemp(join(tmpdir(), "heima-docs-")));
  closing.push(() => rm(copy, { recursive: true, force: true }));
  for (const name of copied) {
    cpSync(join(project, name), join(copy, name), { recursive: true, filter: (path) => !/\/dist$/.test(path) });
  }
  const configuration = await readFile(join(project, "tsconfig.json"), "utf8");
  const included = /(?<="include": \[)[^\]]*/;
  expect(configuration).toMatch(included);
  await writeFile(join(copy, "tsconfig.json"), configuration.replace(included, `${checkedFiles}\n  `));
  await symlink(realpathSync(join(project, "node_modules")), join(copy, "node_modules"));
  const [database, eventStore, redis, elasticsearch] = await Promise.all([
    freshDatabase(),
    freshEventStore(),
    redisUrl(),
    freshElasticsearch(),
  ]);
  pool = createPool({ url: database.url, max: 1, service: "test", logger });
  closing.push(database.drop, eventStore.stop, elasticsearch.stop, () => pool.end());
  environment = {
    ...process.env,
    LOG_LEVEL: "info",
    METRICS_PORT: "0",
    HOST: "127.0.0.1",
    PROJECTION_PARTITIONS: "2",
    DATABASE_URL: database.url,
    EVENTSTORE_URL: eventStore.url,
    REDIS_URL: redis,
    ELASTICSEARCH_URL: elasticsearch.url,
    ELASTICSEARCH_PREFIX: elasticsearch.prefix,
    // The vitest of the copy uses the servers of this one.
    TEST_DATABASE_URL: inject("postgresUrl"),
    TEST_REDIS_URL: inject("redisUrl"),
    TEST_WECHAT_URL: inject("wechatUrl"),
  };
  await shelveThreeBooks(eventStore.url);
});
afterAll(async () => {
  await stopProcesses();
  for (const close of closing.reverse()) await close();
});

const reader = randomUUID();

async function shelveThreeBooks(url: string) {
  const codec = createCodec();
  const eventStore = connectEventStore({ url, logger });
  const ids = { commandId: randomUUID(), commandHash: "0".repeat(64), correlationId: randomUUID(), causationId: "c" };
  const events = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0"].map((bookId) =>
    codec.encode({ type: "BookAddedToShelf", data: { bookId } }, randomUUID(), {
      ...ids,
      occurredAt: new Date().toISOString(),
    }),
  );
  await eventStore.append(`shelf-${reader}`, "no_stream", events).finally(() => eventStore.close());
}

/** A line of a shell block of the document. */
async function command(line: string): Promise<string> {
  const words = line.split(" ");
  const [program = "", ...rest] = words[0] === "node" ? [process.execPath, ...words.slice(1)] : words;
  try {
    const options = { cwd: copy, env: environment, timeout: patienceMs, maxBuffer: 2 ** 24 };
    return (await run(program, rest, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${line}: ${(error as Error).message}\n${stdout}\n${stderr}`);
  }
}

/** Writes the file of a block; for the registry the document shows only the two new lines. */
async function write({ path = "", text }: Block): Promise<void> {
  const file = join(copy, path);
  if (path !== "src/projections/registry.ts") {
    await mkdir(dirname(file), { recursive: true });
    return writeFile(file, text.slice(text.indexOf("\n") + 1));
  }
  const [, imported = "", , , added = ""] = text.split("\n");
  const registry = await readFile(file, "utf8");
  expect(registry).toMatch(/^const registered = \[$/m);
  expect(text, "docs/projections.md shows one more line of the list").toContain(`\n${added}\n] as const;\n`);
  const changed = registry.replace("\n] as const;\n", `\n${added}\n] as const;\n`);
  const lines = changed.split("\n");
  const after = lines.findLastIndex((line) => line.startsWith("import "));
  await writeFile(file, lines.toSpliced(after + 1, 0, imported).join("\n"));
}

async function startProcesses() {
  const start = (name: string) =>
    startChild({
      command: process.execPath,
      arguments: [join(copy, "bin/run.js"), join(copy, `src/main/${name}.ts`)],
      environment,
      logFile: join(copy, `${name}.log`),
      deathSignal: "KILL",
      ipc: true,
    });
  processes = await Promise.all([start("dispatcher"), start("worker")]);
}

async function stopProcesses() {
  await Promise.all(processes.map((child) => child.stop("SIGTERM")));
  processes = [];
}

/** Waits until the build is live: by then it has folded the log to its end. */
const untilLive = (build: RegExp) =>
  untilWithin(patienceMs, `${build} is live`, async () => {
    const builds = await createCatalog(pool).list();
    return builds.some(({ name, state }) => build.test(name) && state === "live");
  });

/** The answer of the document's query. */
async function ask(): Promise<unknown> {
  const program = `
    import { createLogger } from "./src/platform/logger.ts";
    import { createPool } from "./src/platform/postgres.ts";
    import { shelvedDaysOf } from "./src/queries/shelf/shelvedDays.ts";
    const logger = createLogger("test", "silent");
    const pool = createPool({ url: process.env.DATABASE_URL ?? "", max: 1, service: "test", logger });
    console.log(JSON.stringify(await shelvedDaysOf(pool, "${reader}")));
    await pool.end();`;
  await writeFile(join(copy, "ask.ts"), program);
  const answer = await command("node --import tsx ask.ts");
  await rm(join(copy, "ask.ts"));
  return JSON.parse(answer);
}

test("every step of the page works as written", { timeout: 600_000 }, async () => {
  const steps = blocks.map(({ language, path, text }) => (language === "ts" ? path : text.split(" ")[0]));
  expect(steps).toEqual([
    "src/projections/shelvedDays/shelvedDays.ts",
    "tests/projections/shelvedDays.test.ts",
    "npx",
    "src/projections/registry.ts",
    "src/queries/shelf/shelvedDays.ts",
    "npm",
    "node",
    "src/projections/shelvedDays/shelvedDays.ts",
  ]);
  const printed: string[] = [];
  for (const block of blocks.slice(0, -1)) {
    if (block.language === "ts") {
      await write(block);
      continue;
    }
    if (block.text.startsWith("node bin/heima.js")) {
      await startProcesses();
      await untilLive(/^shelved_days_v1_b/);
    }
    for (const line of block.text.trim().split("\n")) printed.push(await command(line));
  }
  const [tested, , , , status, verified] = printed;
  expect(tested).toMatch(/1 passed/);
  expect(status).toMatch(/^shelved_days {2}shelved_days_v1_b\d+ .* live$/m);
  expect(verified).toMatch(/^shelved_days_v1_b\d+: 1 keys, 1 rows, 3 events, .*: no differences$/m);
  const today = { day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), books: 3 };
  expect(await ask()).toEqual([today]);

  await stopProcesses();
  await write(blocks.at(-1) as Block);
  await command("npx vitest run tests/projections/shelvedDays.test.ts");
  await command("npx tsc --noEmit");
  await startProcesses();
  await untilLive(/^shelved_days_v2_b/);
  expect(await command("node bin/heima.js projections status")).toMatch(
    /^shelved_days {2}shelved_days_v2_b\d+ .* live$/m,
  );
  expect(await ask()).toEqual([today]);
});
