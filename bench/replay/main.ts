import { createHash, createSecretKey } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EventStoreDBClient, START } from "@eventstore/db-client";
import { givenParts } from "../../embedded/supervisor/given.ts";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { categories } from "../../src/domain/streams.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { openDuck } from "../../src/replay/duck/database.ts";
import { createEvents, wholeCopies } from "../../src/replay/duck/eventsTable.ts";
import { readEvents } from "../../src/replay/events.ts";
import { type ExportRequest, runExport } from "../../src/replay/export/runExport.ts";
import { makeFigures } from "../../src/replay/report/makeReport.ts";
import { reportPage } from "../../src/replay/report/page.ts";
import { views } from "../../src/replay/views/index.ts";
import { percentiles } from "../load/percentiles.ts";
import { keptLog } from "./keptLog.ts";
import { openLogFiles } from "./logFiles.ts";
import { measured, memoryInWords } from "./measured.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "200000" },
    rounds: { type: "string", default: "3" },
    seed: { type: "string", default: "20" },
    data: { type: "string" },
    views: { type: "boolean", default: true },
    commands: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
  allowNegative: true,
});
if (values.help) {
  console.log(`npm run bench:replay -- [--events 200000] [--rounds 3] [--seed 20] [--data FOLDER] [--no-views] [--commands]

Writes a log of so many events (seeded; into the files of the embedded event store before it starts), then in each round reads it with the official client and nothing else, reads and decodes it with
our own reader, and exports it into Parquet: the export as a ratio to the client in the same round, and the memory of the process at a
quarter of the export and at its end. Then the time of each ready view and of a report. With --data the log stays in that folder, and is
taken from there the next time; --rounds 0 only writes it. With --commands heima replay export, run, sql and report run as processes of
their own over the whole log: their time, CPU and memory.`);
  process.exit(0);
}

const logger = createLogger("bench", "warn");
const count = Number(values.events);
const mebibytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);
const median = (numbers: readonly number[]) => percentiles(numbers, 50)[0] ?? Number.NaN;
const dataDir = values.data ?? (await mkdtemp(join(tmpdir(), "heima-bench-replay-")));
const numbers = { count, seed: Number(values.seed) };
const isOwnStore = givenParts(process.env).eventstore === undefined;
if (isOwnStore) await keptLog(() => openLogFiles(join(dataDir, "eventstore")), dataDir, numbers);
const stack = await startStack({ dataDir, onlyEngines: true, logLevel: "warn" });
const { DATABASE_URL = "", EVENTSTORE_URL = "" } = stack.environment;
await migrate(DATABASE_URL, logger);
const pool = createPool({ url: DATABASE_URL, max: 4, service: "bench", logger });
const eventStore = connectEventStore({ url: EVENTSTORE_URL, logger });
const keys = [{ kid: "k1", key: createSecretKey(createHash("sha256").update("bench").digest()) }];

try {
  if (!isOwnStore) await keptLog(() => ({ append: eventStore.append, close: async () => {} }), dataDir, numbers);
  const ratios: number[] = [];
  let folder = "";
  for (let round = 1; round <= Number(values.rounds); round++) {
    const client = await rate(() => byClient(EVENTSTORE_URL));
    const own = await rate(() => byOwnReader(eventStore));
    if (folder !== "") await rm(folder, { recursive: true });
    folder = join(dataDir, `export-${round}`);
    const memory: number[] = [];
    const exported = await rate(() => exportTo(folder, memory));
    const ratio = exported.perSecond / client.perSecond;
    ratios.push(ratio);
    const said = ({ perSecond, cpu }: Rate) => `${perSecond.toFixed(0)} ev/s (${cpu.toFixed(0)} µs of CPU an event)`;
    console.log(
      `round ${round}: official client ${said(client)}; own reader and codec ${said(own)}; export into Parquet ${said(exported)}, ` +
        `${ratio.toFixed(2)} of the client; ${memory[0]} MiB at a quarter, ${mebibytes()} MiB at the end`,
    );
  }
  if (ratios.length > 0)
    console.log(`median: export ${median(ratios).toFixed(2)} of bare reading with the official client`);
  if (values.views && folder !== "") await timeViews(folder);
  if (values.commands) await runCommands();
} finally {
  await Promise.all([pool.end(), eventStore.close()]);
  await stack.stop();
  if (values.data === undefined) await rm(dataDir, { recursive: true, force: true });
}

type Rate = { readonly perSecond: number; readonly cpu: number };

/** Events a second, and microseconds of this process's CPU per event (all threads). */
async function rate(work: () => Promise<number>): Promise<Rate> {
  const began = performance.now();
  const before = process.cpuUsage();
  const events = await work();
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (events * 1_000) / (performance.now() - began), cpu: (user + system) / events };
}

/** The usual way to read the log: the client decodes JSON, and the events are not used. */
async function byClient(url: string): Promise<number> {
  const client = EventStoreDBClient.connectionString(url);
  let events = 0;
  for await (const { event } of client.readAll({ fromPosition: START })) if (event !== undefined) events++;
  await client.dispose();
  return events;
}

async function byOwnReader(store: EventStore): Promise<number> {
  let events = 0;
  const upTo = (await store.readLogEnd()) ?? 0n;
  for await (const _ of readEvents(store, { after: undefined, upTo, categories })) events++;
  return events;
}

async function exportTo(folder: string, memory: number[]): Promise<number> {
  const upTo = (await eventStore.readLogEnd()) ?? 0n;
  const request: ExportRequest = {
    format: "parquet",
    identities: false,
    identitiesReason: undefined,
    range: { after: null, upTo: `${upTo}` },
    filters: { types: [], books: [], readers: [] },
    endAsked: false,
    folder,
    requestedBy: "bench",
    place: folder,
  };
  const manifest = await runExport({ eventStore, pool, keys }, request, {
    onProgress: ({ position }) => {
      if (memory.length === 0 && position > upTo / 4n) memory.push(mebibytes());
    },
    signal: new AbortController().signal,
  });
  return manifest.events;
}

async function runCommands(): Promise<void> {
  const environment = { ...process.env, ...stack.environment };
  const copy = join(dataDir, "copy");
  await rm(copy, { recursive: true, force: true });
  const reducer = fileURLToPath(new URL("../../examples/replay/topBooks.ts", import.meta.url));
  const query = "SELECT count(*) AS events, count(DISTINCT reader) AS readers FROM events";
  for (const args of [
    ["export", "--out", copy],
    ["run", reducer],
    ["sql", "--export", copy, query],
    ["sql", "--export", copy, "SELECT * FROM daily_readers ORDER BY day"],
    ["report", "--export", copy, "--out", join(dataDir, "report.html")],
  ]) {
    const found = await measured(args, environment);
    const [first = ""] = found.stdout.split("\n");
    console.log(
      `${args.join(" ")}: ${found.seconds.toFixed(1)} s, ${found.cpuSeconds.toFixed(1)} s of CPU; ${memoryInWords(found)}; ${first}`,
    );
  }
}

async function timeViews(folder: string): Promise<void> {
  const duck = await openDuck();
  await createEvents(duck, await wholeCopies([folder]), false);
  for (const { name } of views) {
    const began = performance.now();
    const [row] = await duck.rows<{ rows: string }>(`SELECT count(*) AS rows FROM (SELECT * FROM ${name})`);
    console.log(`${name}: ${row?.rows} rows in ${(performance.now() - began).toFixed(0)} ms`);
  }
  duck.close();
  const began = performance.now();
  const page = reportPage(await makeFigures(await wholeCopies([folder]), { from: undefined, to: undefined }));
  console.log(`report: ${page.length} characters in ${(performance.now() - began).toFixed(0)} ms, ${mebibytes()} MiB`);
}
