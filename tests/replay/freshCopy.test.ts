import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
  return { controller, operatorName: "li", onProgress: () => {}, signal: controller.signal, eventsOfFile: 1 };
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

test("a report of a period knows who read before it, whenever that was recorded", async () => {
  const out = join(folder, "report.html");
  const { operatorName, controller: _, ...rest } = options();
  await reportEvents({ from: "2031-01-01", to: "2031-01-31", folders: [], out }, operatorName, rest);
  const data = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(await readFile(out, "utf8"))?.[1];
  expect(JSON.parse(data ?? "").figures).toMatchObject({ totals: { readers: 1, readings: 1 }, retention: [] });
});
