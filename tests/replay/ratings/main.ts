import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { openLogFiles } from "../../../bench/replay/logFiles.ts";
import { givenParts } from "../../../embedded/supervisor/given.ts";
import { startStack } from "../../../embedded/supervisor/stack.ts";
import { connectEventStore } from "../../../src/event-store/connect.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { migrate } from "../../../src/platform/migrate.ts";
import { type Duck, openDuck } from "../../../src/replay/duck/database.ts";
import { comparisons, ratings } from "./expected.ts";
import { loadRatings, ratingsOf } from "./load.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { report: { type: "string" }, help: { type: "boolean", short: "h", default: false } },
});
const [file] = positionals;
if (values.help || file === undefined) {
  console.log(`script/replay-ratings FILE [--report report.html]

FILE is MovieLens' ratings.csv (userId,movieId,rating,timestamp). Each movie is a book, each rating a reading at its time, written into an
event store of its own. Then heima replay export, sql and report run over them, and every figure of every view is compared with SQL over
the file itself. --report keeps the report.`);
  process.exit(values.help ? 0 : 2);
}

const logger = createLogger("replay-ratings", "warn");
const dataDir = await mkdtemp(join(tmpdir(), "heima-replay-ratings-"));
const rows = ratingsOf(await readFile(file, "utf8"));
const isOwnStore = givenParts(process.env).eventstore === undefined;
const ownFiles = isOwnStore ? openLogFiles(join(dataDir, "eventstore")) : undefined;
let events = ownFiles === undefined ? 0 : await loadRatings(ownFiles, rows).finally(ownFiles.close);
const stack = await startStack({ dataDir, onlyEngines: true, logLevel: "warn" });
const heima = async (...args: string[]) => {
  const began = performance.now();
  const bin = fileURLToPath(new URL("../../../bin/heima.js", import.meta.url));
  const options = { env: { ...process.env, ...stack.environment }, maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(process.execPath, [bin, "replay", ...args], options);
  console.log(`heima replay ${args[0]}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  return stdout;
};

try {
  await migrate(stack.environment.DATABASE_URL ?? "", logger);
  if (!isOwnStore) {
    const eventStore = connectEventStore({ url: stack.environment.EVENTSTORE_URL ?? "", logger });
    events = await loadRatings(eventStore, rows).finally(() => eventStore.close());
  }
  console.log(`${rows.length} ratings, ${events} events`);

  const [named, hidden, database] = ["named", "hidden", "events.duckdb"].map((name) => join(dataDir, name)) as [
    string,
    string,
    string,
  ];
  await heima("export", "--out", named, "--identities", "--by", "script", "--reason", "to compare with the file");
  console.log((await heima("export", "--out", hidden)).trim());
  await heima("sql", "--export", named, "--into", database);
  const duck = await openDuck({ path: database });
  await duck.run(ratings(file));
  for (const [name, [view, csv]] of Object.entries(comparisons)) await compare(duck, name, view, csv);
  duck.close();

  const readers = "SELECT count(DISTINCT reader) AS readers, sum(active_seconds)::BIGINT AS seconds FROM events";
  const [ofNamed, ofHidden] = [named, hidden].map((folder) =>
    heima("sql", "--export", folder, "--format", "json", readers),
  );
  assert.deepEqual(JSON.parse((await ofHidden) ?? ""), JSON.parse((await ofNamed) ?? ""));
  const text = await heima(
    "sql",
    "--export",
    hidden,
    "--format",
    "csv",
    "SELECT DISTINCT reader FROM events WHERE reader IS NOT NULL",
  );
  assert.ok(!text.includes("7000-8000"), "a copy with pseudonyms has a reader's id");

  const report = values.report ?? join(dataDir, "report.html");
  console.log((await heima("report", "--export", hidden, "--out", report)).trim());
  console.log("every figure is that of the file");
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Compares row by row; the columns of both are named by their positions. */
async function compare(duck: Duck, name: string, view: string, csv: string): Promise<void> {
  const [ours, theirs] = [await rowsOf(duck, view), await rowsOf(duck, csv)];
  assert.ok(ours.length > 0, `${name} has no rows`);
  assert.equal(ours.length, theirs.length, `${name}: ${ours.length} rows, of the file ${theirs.length}`);
  for (const [index, row] of ours.entries()) assert.deepEqual(row, theirs[index], `${name}, row ${index + 1}`);
  console.log(`${name}: ${ours.length} rows are equal`);
}

async function rowsOf(duck: Duck, sql: string): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const chunk of (await duck.stream(sql)).chunks)
    rows.push(
      ...chunk.map((row) =>
        row
          .map((value) =>
            typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? `${Number(value)}` : `${value}`,
          )
          .join("|"),
      ),
    );
  return rows;
}
