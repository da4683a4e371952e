import { copyFile, link, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectEventStore } from "../../src/event-store/connect.ts";
import { withFreshCopy } from "../../src/main/freshCopy.ts";
import { queryEvents } from "../../src/main/queryEvents.ts";
import { reportEvents } from "../../src/main/reportEvents.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { listCopies } from "../../src/replay/copies.ts";
import { openDuck } from "../../src/replay/duck/database.ts";
import { freshDatabase } from "../support/database.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { readerIds } from "./log.ts";
import { append, read } from "./memoryLog.ts";

const logger = createLogger("test", "silent");
const closing: (() => Promise<unknown>)[] = [];
let pool: Pool;
let folder: string;

beforeAll(async () => {
  const [database, server] = [await freshDatabase(), await freshEventStore()];
  pool = createPool({ url: database.url, max: 2, service: "test", logger });
  folder = await mkdtemp(join(tmpdir(), "heima-fresh-copy-"));
  const keys = `k1:${Buffer.alloc(32, 7).toString("base64")}`;
  const settings = { DATABASE_URL: database.url, EVENTSTORE_URL: server.url, PSEUDONYM_KEYS: keys, TMPDIR: folder };
  Object.assign(process.env, settings);
  const eventStore = connectEventStore({ url: server.url, logger });
  await append(eventStore, [
    ...readerIds.slice(0, 4).map((reader) => read(reader, "hongloumeng0")),
    read(readerIds[0] ?? "", "hongloumeng0", { readAt: "2031-01-02T00:00:00.000Z" }),
  ]);
  closing.push(
    () => rm(folder, { recursive: true, force: true }),
    () => database.drop(),
    () => server.stop(),
    () => eventStore.close(),
    () => pool.end(),
  );
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const whole = { from: undefined, to: undefined };
const options = () => {
  const controller = new AbortController();
  const quiet = { onProgress: () => {}, onWarning: () => {} };
  return { controller, operatorName: "li", ...quiet, signal: controller.signal, eventsOfFile: 1 };
};
const places = async () => (await listCopies(pool, false)).map(({ place }) => place.replace(/^[^:]*:/, ""));

test("a temporary copy goes, with its place in the list, when its work ends, fails, or is interrupted while it is made", async () => {
  await withFreshCopy(whole, options(), async (made) => expect(await places()).toEqual([made]));
  const failing = withFreshCopy(whole, options(), () => Promise.reject(new Error("no such table")));
  await expect(failing).rejects.toThrow("no such table");
  const { controller, ...interrupted } = options();
  const onProgress = () => controller.abort(new Error("interrupted"));
  await expect(withFreshCopy(whole, { ...interrupted, onProgress }, async () => {})).rejects.toThrow("interrupted");
  expect(await places()).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.startsWith("heima-replay-"))).toEqual([]);
});

test("one whose events are kept elsewhere stays in the list with that place", async () => {
  await withFreshCopy(whole, { ...options(), keptIn: "/data/events.duckdb" }, async () => {});
  expect(await places()).toEqual(["/data/events.duckdb"]);
});

test("a database that was not made leaves no unfinished file, nor does one that was killed stand in the way", async () => {
  const into = join(folder, "events.duckdb");
  const ask = (sql: string) => {
    const { operatorName, controller: _, ...rest } = options();
    return queryEvents({ ...whole, sql, folders: [], into }, async () => {}, operatorName, rest);
  };
  const made = async () => (await readdir(folder)).filter((name) => name.startsWith("events.duckdb"));
  await expect(ask("SELECT nothing")).rejects.toThrow("nothing");
  expect(await made()).toEqual([]);
  for (const end of ["", ".wal"]) await writeFile(`${into}.unfinished${end}`, "what is left of one");
  await ask("SELECT 1");
  expect(await made()).toEqual(["events.duckdb"]);
});

test("a database takes the place of one whose writer was killed, and nothing of that one's log", async () => {
  const into = join(folder, "replaced.duckdb");
  const old = await openDuck({ path: into });
  await old.run("CREATE TABLE events AS SELECT 1::BIGINT AS position, 'old' AS type");
  await old.run("CHECKPOINT");
  await old.run("INSERT INTO events VALUES (999, 'old, inserted')");
  // As after a kill: closing it would write the log into the file.
  for (const end of ["", ".wal"]) await copyFile(`${into}${end}`, `${into}.kept${end}`);
  old.close();
  for (const end of ["", ".wal"]) await copyFile(`${into}.kept${end}`, `${into}${end}`);
  const { operatorName, controller: _, ...rest } = options();
  const asked = { ...whole, sql: undefined, folders: [], into };
  await queryEvents(asked, async () => {}, operatorName, rest);
  const made = await openDuck({ path: into, readOnly: true });
  try {
    expect(await made.rows("SELECT DISTINCT type FROM events")).toEqual([{ type: "ReadingProgressed" }]);
  } finally {
    made.close();
  }
});

test("a report takes the place of the one before in one step", async () => {
  const [out, before] = [join(folder, "november.html"), join(folder, "before.html")];
  await writeFile(out, "the one before");
  await link(out, before);
  const { operatorName, controller: _, ...rest } = options();
  await reportEvents({ from: "2026-01-01", to: "2026-01-31", folders: [], out }, async () => {}, operatorName, rest);
  expect((await readFile(before, "utf8")).slice(0, 20)).toBe("the one before");
  expect((await readFile(out, "utf8")).slice(0, 15)).toBe("<!doctype html>");
  expect((await readdir(folder)).filter((name) => name.startsWith("november"))).toEqual(["november.html"]);
});

test("a report of a period knows who read before it, whenever that was recorded", async () => {
  const out = join(folder, "report.html");
  const { operatorName, controller: _, ...rest } = options();
  await reportEvents({ from: "2031-01-01", to: "2031-01-31", folders: [], out }, async () => {}, operatorName, rest);
  const data = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(await readFile(out, "utf8"))?.[1];
  expect(JSON.parse(data ?? "").figures).toMatchObject({ totals: { readers: 1, readings: 1 }, retention: [] });
});
