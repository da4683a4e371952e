import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EventStoreDBClient, jsonEvent, NO_STREAM } from "@eventstore/db-client";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { libraryEvents } from "../../src/domain/library/events.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { storesOn } from "../../src/main/stores.ts";
import { createElasticsearch } from "../../src/platform/elasticsearch.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool } from "../../src/platform/postgres.ts";
import { books as readModel } from "../../src/projections/books/books.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import { fillBuild } from "../../src/projections/engine/builds/fill/fillBuild.ts";
import { defaultTiming } from "../../src/projections/engine/timing.ts";
import { cpuSeconds } from "../load/percentiles.ts";
import { freshBookId } from "../projections/bookIds.ts";
import { type MadeBook, makeBooks } from "./books.ts";

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    "server-pid": { type: "string" },
    books: { type: "string", default: "5000" },
    events: { type: "string", default: "100000" },
    rounds: { type: "string", default: "3" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:search:rebuild -- [--url URL [--server-pid PID]] [--books 5000] [--events 100000] [--rounds 3]

Builds the index of books from the log: made-up books, each catalogued again and again, so that mostly one event in twenty makes the
document. --url: a real Elasticsearch in place of the embedded one. Prints events a second, and the CPU of this process and of Elasticsearch in µs for each event.`);
  process.exit(0);
}
if (values.url !== undefined) process.env.ELASTICSEARCH_URL = values.url;

const logger = createLogger("bench", "warn");
const count = Number(values.events);
const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-rebuild-"));
const stack = await startStack({ dataDir, onlyEngines: true, logLevel: "warn" });
try {
  const { DATABASE_URL = "", EVENTSTORE_URL = "", ELASTICSEARCH_URL = "" } = stack.environment;
  await migrate(DATABASE_URL, logger);
  await fillLog(EVENTSTORE_URL, makeBooks(Number(values.books), 1));
  const pool = createPool({ url: DATABASE_URL, max: 8, service: "bench", logger });
  const client = createElasticsearch(
    { ELASTICSEARCH_URL, ELASTICSEARCH_API_KEY: "" },
    { requestTimeoutMs: 60_000, service: "bench" },
  );
  const store = storesOn(pool, client, `bench-${process.pid}`);
  const catalog = createCatalog(pool);
  const eventStore = connectEventStore({ url: EVENTSTORE_URL, logger });
  for (let round = 0; round < Number(values.rounds); round++) {
    const build = await catalog.add(readModel, 2);
    if (build === undefined) throw new Error("no build was added");
    const before = await cpu();
    const begun = performance.now();
    const deps = { store, catalog, eventStore, codec: createCodec(), logger, timing: defaultTiming };
    const outcome = await fillBuild(deps, build, new AbortController().signal);
    const seconds = (performance.now() - begun) / 1_000;
    const after = await cpu();
    if (outcome !== "filled") throw new Error(`the build was ${outcome}`);
    const each = after.map((total, part) => (((total - (before[part] ?? 0)) / count) * 1e6).toFixed(0));
    console.log(
      `${(count / seconds).toFixed(0)} events/s; CPU of an event: this process ${each[0]} µs, Elasticsearch ${each[1]} µs`,
    );
    await catalog.end(build, "retired", "measured");
    await store.drop(build);
    await catalog.markDropped(build);
  }
  await Promise.all([pool.end(), eventStore.close(), client.close()]);
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function cpu(): Promise<readonly number[]> {
  const { user, system } = process.cpuUsage();
  const pid = values["server-pid"] ?? stack.processes().elasticsearch?.pid ?? 0;
  return [(user + system) / 1e6, await cpuSeconds(Number(pid))];
}

/** The events of each book, `count` in all; the last one of each decides. */
async function fillLog(eventStoreUrl: string, made: readonly MadeBook[]): Promise<void> {
  const client = EventStoreDBClient.connectionString(eventStoreUrl);
  const ofEach = Math.ceil(count / made.length);
  const waiting = [...made];
  let left = count;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let book = waiting.pop(); book !== undefined && left > 0; book = waiting.pop()) {
        const own = book;
        const events = Array.from({ length: Math.min(ofEach, left) }, (_, time) => catalogued(own, time));
        left -= events.length;
        await client.appendToStream(`book-${freshBookId()}`, events, { expectedRevision: NO_STREAM });
      }
    }),
  );
  await client.dispose();
}

function catalogued({ title, author, intro }: MadeBook, time: number) {
  const commandId = randomUUID();
  const ids = { commandId, commandHash: "0".repeat(64), correlationId: commandId, causationId: commandId };
  return jsonEvent({
    type: "BookCatalogued",
    data: {
      source: { name: "bench", id: title },
      title,
      author,
      intro,
      channel: "male",
      category: "玄幻",
      subCategory: null,
      status: "serialising",
      words: 10_000 * (time + 1),
      cover: null,
    },
    metadata: { ...ids, schemaVersion: libraryEvents.BookCatalogued.version, occurredAt: new Date().toISOString() },
  });
}
