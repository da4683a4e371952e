import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createAnalytics } from "../../src/replay/analytics/answerView.ts";
import { fileOf, publishedViews, writePublished } from "../../src/replay/analytics/published.ts";
import { publishViews } from "../../src/replay/analytics/publishViews.ts";
import { computeStates } from "../../src/replay/analytics/states.ts";
import { type Duck, openDuck } from "../../src/replay/duck/database.ts";
import { createEvents } from "../../src/replay/duck/eventsTable.ts";
import { percentiles } from "../load/percentiles.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000000" },
    later: { type: "string", default: "5000" },
    memory: { type: "string", default: "1024" },
    data: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:analytics -- [--events 10000000] [--later 5000] [--memory 1024] [--data FOLDER]

Fills the database of the analytics with so many events that SQL makes (the same each time; 250 a reader), computes the states and
publishes the views, then does the same after --later more events, as a worker does while readers read. Then asks each view as the API
does: CPU of a request, the first time, and the median and the worst of twenty. With --data the events stay there.`);
  process.exit(0);
}

const count = Number(values.events);
const folder = values.data ?? (await mkdtemp(join(tmpdir(), "heima-bench-analytics-")));
await mkdir(folder, { recursive: true });
const names = publishedViews.map(({ name }) => name);
const limits = { memory: Number(values.memory), threads: cpus().length, temporary: 50_000 };
const duck = await openDuck({ path: join(folder, "events.duckdb"), limits, temporaryIn: folder });

/** Runs a step, and prints its costs. */
async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const seconds = ((performance.now() - began) / 1_000).toFixed(2);
  const [load = 0] = loadavg();
  console.log(
    `${name}: ${seconds} s, ${((user + system) / 1e6).toFixed(2)} s of CPU, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB, load ${load.toFixed(0)}`,
  );
  return result;
}

/** Nine of ten are readings; a few books have most of the readers, and some events happened on earlier days. */
async function insert(database: Duck, first: number, last: number): Promise<void> {
  const events = `SELECT n, n // 250 % ${Math.ceil(count / 250)} AS who, n % 250 AS nth, hash(n) AS h, hash(n // 10) AS visit
    FROM range(${first}, ${last}) AS numbers (n)`;
  await database.run(`INSERT INTO events BY NAME
    SELECT position, type, reader, happened_at, happened_at AS created, happened_day, happened_day AS created_day, false AS late,
      'b' || lpad(book::VARCHAR, 11, '0') AS book_id, '第' || book || '本书' AS book_title,
      ['male', 'female', 'published'][1 + book % 3] AS book_channel, '分类' || book % 12 AS book_category, 300 AS book_chapters,
      CASE WHEN type = 'ReadingProgressed' THEN 1 + nth + h % 3 END AS chapter_no,
      CASE WHEN type = 'ReadingProgressed' THEN 60 + h % 500 END AS active_seconds,
      CASE WHEN type = 'ReadingProgressed' THEN CASE WHEN h % 5 = 0 THEN 'tablet' ELSE 'phone' END END AS device_id,
      CASE WHEN type = 'ReadingProgressed' THEN md5(position::VARCHAR)[:16] END AS entry_id
    FROM (
      SELECT n * 700 AS position, nth, h, md5(who::VARCHAR) AS reader,
        CASE WHEN h % 10 > 0 THEN 'ReadingProgressed'
          ELSE ['BookOpened', 'KeywordSearched', 'BookAddedToShelf', 'BookFinished'][1 + (h // 16 % 4)::INTEGER] END AS type,
        (pow((visit % 1000000) / 1000000, 3) * 2000)::INTEGER AS book,
        TIMESTAMP '2026-08-01' + to_minutes((nth // 10 * 5 * 1440 + nth % 10 * (5 + who % 40) + h % 7 + who % 1440)::BIGINT) AS happened_at,
        (happened_at + INTERVAL 8 HOUR)::DATE AS happened_day
      FROM (${events})
    )`);
}

try {
  const isThere = (await duck.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'events'")).length > 0;
  if (!isThere) {
    await createEvents(duck, [], true);
    await step(`${count} events`, () => insert(duck, 0, count));
  }
  await step("all states", () => computeStates(duck, undefined));
  const publish = (some: readonly string[], file: string) => publishViews(duck, folder, file, some);
  for (const name of names) await step(`publish ${name}`, () => publish([name], `views-${name}.duckdb`));
  const [last] = await duck.rows<{ position: string }>("SELECT max(position) AS position FROM events");
  const from = Number(last?.position ?? 0) / 700 + 1;
  await step(`${values.later} later events`, () => insert(duck, from, from + Number(values.later)));
  await step("states of their readers", () => computeStates(duck, BigInt(last?.position ?? 0)));
  const id = randomUUID();
  const file = fileOf({ id });
  const events = await step("publish all views", () => publish(names, file));
  await writePublished(folder, {
    id,
    release: "",
    position: "0",
    // In the future, so that it stays recent during the whole measurement: then its pages are answered although no database row records it.
    at: new Date(Date.now() + 86_400_000).toISOString(),
    events,
    views: [...names],
    hasErased: false,
    older: [],
  });
  console.log(`${events} events; the views take ${((await stat(join(folder, file))).size / 2 ** 20).toFixed(1)} MiB`);
  duck.close();
  const ask = createAnalytics(folder, 0);
  for (const view of names) {
    const took: number[] = [];
    const before = process.cpuUsage();
    for (let n = 0; n < 21; n++) {
      const began = performance.now();
      const after = n === 0 ? undefined : { snapshot: id, offset: n * 100 };
      await ask({ view, bookId: undefined, from: undefined, to: undefined, limit: 100, after });
      took.push(performance.now() - began);
    }
    const [first = 0, ...rest] = took;
    const [median = 0, most = 0] = percentiles(rest, 50, 100);
    const { user, system } = process.cpuUsage(before);
    const cpu = ((user + system) / 1_000 / took.length).toFixed(1);
    console.log(
      `GET ${view}: ${cpu} ms of CPU; first ${first.toFixed(1)} ms, median ${median.toFixed(1)} ms, worst ${most.toFixed(1)} ms`,
    );
  }
} finally {
  if (values.data === undefined) await rm(folder, { recursive: true, force: true });
}
process.exit(0);
