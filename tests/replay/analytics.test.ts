import { createSecretKey, randomUUID } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analyticsEndpoints } from "../../src/http/replay/analytics.ts";
import { createAnalytics } from "../../src/replay/analytics/answerView.ts";
import { deleteOthers, keptBeside, notePaged, stillPaged } from "../../src/replay/analytics/olderSnapshots.ts";
import { openSnapshots } from "../../src/replay/analytics/openSnapshots.ts";
import {
  fileOf,
  publishedViews,
  readPublished,
  type Snapshot,
  viewsToMake,
  writePublished,
} from "../../src/replay/analytics/published.ts";
import { refreshAnalytics } from "../../src/replay/analytics/refresh.ts";
import { startAnalytics } from "../../src/replay/analytics/startAnalytics.ts";
import { bearer, readerId, startApi } from "../http/startApi.ts";
import { logger } from "../projections/fixtures.ts";
import { freshStore, type Store } from "../projections/store.ts";
import { catalogued, type Logged, logOf, progressed, published, readerIds } from "./log.ts";

const keys = [{ kid: "k1", key: createSecretKey(Buffer.alloc(32, 7)) }];
const [daiyu, baoyu] = readerIds as [string, string];
const [stone, water] = ["hongloumeng1", "shuihuzhuan1"] as const;
const time = (day: number, minute = 0) => new Date(Date.UTC(2026, 2, day, 4, minute)).toISOString();
const reads = (reader: string, bookId: string, day: number, activeSeconds: number): Logged => [
  `progress-${reader}`,
  progressed({ bookId, readAt: time(day), activeSeconds }),
  time(day),
];
const life: Logged[] = [
  [`book-${stone}`, catalogued(stone, "红楼梦"), time(1)],
  [`book-${stone}`, published(10), time(1)],
  reads(daiyu, stone, 1, 100),
  reads(baoyu, stone, 1, 50),
  reads(baoyu, water, 2, 30),
];

let store: Store;
let folder: string;
let api: Awaited<ReturnType<typeof startApi>>;
const log = logOf(life);
const all = publishedViews.map(({ name }) => name);
const never = new AbortController().signal;
const deps = () => ({ eventStore: log.store, pool: store.pool, keys, folder, logger });
beforeAll(async () => {
  store = await freshStore();
  folder = await mkdtemp(join(tmpdir(), "heima-analytics-"));
  api = await startApi(analyticsEndpoints({ answerView: createAnalytics(folder, 100), audit }));
});
afterAll(async () => {
  await api.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const looks: unknown[] = [];
const audit = (look: unknown) => void looks.push(look);
const snapshots = async () => (await readdir(folder)).filter((name) => name.startsWith("snapshot-"));

type Page = {
  stale: boolean;
  position: string;
  at: string;
  events: number;
  items: Record<string, unknown>[];
  nextCursor: string | null;
};
const ask = (path: string) => api.fetch(`/v1/analytics${path}`, { headers: { authorization: bearer("analyst") } });
const page = async (path: string) => (await (await ask(path)).json()) as Page;

const told = async (answer: Response) => `${answer.status} ${((await answer.json()) as { code: string }).code}`;

test("without keys there are no views, nor for a reader, and it is said so", async () => {
  const without = await startApi(analyticsEndpoints({ answerView: undefined, audit }));
  const headers = { authorization: bearer("analyst") };
  expect(await told(await without.fetch("/v1/analytics/daily_readers", { headers }))).toBe("503 exports_not_set_up");
  expect(await told(await without.fetch("/v1/analytics/daily_readers"))).toBe("403 forbidden");
  await without.close();
});

test("a view is answered from what was published, page by page, with its position", async () => {
  expect(await told(await ask("/daily_readers"))).toBe("503 analytics_not_ready");
  await refreshAnalytics(deps(), all, never);
  const days = await page("/daily_readers");
  expect(days).toMatchObject({ position: "500", events: 5, nextCursor: null });
  expect(days.items).toEqual([
    { day: "2026-03-01", readers: "2", readings: "2", seconds: "150" },
    { day: "2026-03-02", readers: "1", readings: "1", seconds: "30" },
  ]);
  const first = await page("/daily_readers?limit=1");
  expect(first.items).toEqual(days.items.slice(0, 1));
  expect((await page(`/daily_readers?limit=1&cursor=${first.nextCursor}`)).items).toEqual(days.items.slice(1));
  expect((await page("/daily_readers?from=2026-03-02&to=2026-03-02")).items).toEqual(days.items.slice(1));
  expect((await page(`/time_per_book?bookId=${water}`)).items).toMatchObject([{ book_id: water, seconds: "30" }]);
  expect((await page("/retention?from=2026-02-23&to=2026-02-23")).items).toHaveLength(2);
  expect((await page("/retention?from=2026-02-24")).items).toEqual([]);
  expect((await page("/sessions?from=2026-03-02&to=2026-03-02")).items).toMatchObject([{ seconds: "30" }]);
  for (const path of [`/daily_readers?bookId=${stone}`, "/device_mix?from=2026-03-01", "/nothing", "/readings"])
    expect(await told(await ask(path)), path).toBe("400 invalid_request");
});

test("who reads a view is noted, with what was asked for", async () => {
  looks.length = 0;
  await page("");
  await page(`/time_per_book?bookId=${water}&limit=1`);
  await page("/retention?from=2026-02-23&to=2026-02-24");
  await ask(`/daily_readers?bookId=${stone}`);
  expect(looks).toEqual([
    { analyst: readerId, view: "time_per_book", bookId: water },
    { analyst: readerId, view: "retention", from: "2026-02-23", to: "2026-02-24" },
  ]);
});

test("later pages are of the snapshot of the first, whatever is published meanwhile; one that is not paged in goes", async () => {
  const before = await page("/daily_readers");
  const first = await page("/daily_readers?limit=1");
  // A new first row moves all others by one.
  log.append(reads(daiyu, stone, -3, 20));
  for (let n = 0; n < 3; n++) {
    log.append(reads(daiyu, stone, -3, 20));
    await refreshAnalytics(deps(), all, never);
  }
  const second = await page(`/daily_readers?limit=1&cursor=${first.nextCursor}`);
  expect(second).toMatchObject({
    position: first.position,
    at: first.at,
    items: before.items.slice(1),
    nextCursor: null,
  });
  expect((await page("/daily_readers")).items).toHaveLength(before.items.length + 1);
  // The current one, the previous one, and that of the pages.
  expect((await readPublished(folder))?.older).toHaveLength(2);
  expect(await snapshots()).toHaveLength(3);
  expect((await readdir(folder)).filter((name) => name.startsWith("paged-"))).toHaveLength(1);

  const [pagedNote = ""] = (await readdir(folder)).filter((name) => name.startsWith("paged-"));
  await utimes(join(folder, pagedNote), new Date(), new Date(Date.now() - 121_000));
  // Before a worker deletes it, too.
  expect(await told(await ask(`/daily_readers?limit=1&cursor=${first.nextCursor}`))).toBe("410 analytics_cursor_lost");
  await refreshAnalytics(deps(), all, never);
  expect(await readdir(folder)).not.toContain(pagedNote);
  expect((await readPublished(folder))?.older).toEqual([]);
  expect(await snapshots()).toHaveLength(1);
  expect(await told(await ask(`/daily_readers?limit=1&cursor=${first.nextCursor}`))).toBe("410 analytics_cursor_lost");
});

test("of the snapshots in which somebody pages the newest eight stay, and none beside one with an erased reader", async () => {
  const notes = await mkdtemp(join(tmpdir(), "heima-analytics-notes-"));
  const of = (n: number): Snapshot => ({ id: randomUUID(), position: `${n}`, at: "", events: n, views: [] });
  const last = of(0);
  const older = Array.from({ length: 11 }, (_, n) => of(n + 1));
  const [unpaged, ...paged] = older;
  for (const one of paged) await notePaged(notes, one);
  expect(await stillPaged(notes, older)).toEqual(paged.slice(0, 8));
  const current = { ...last, release: "1", hasErased: false, older };
  expect(await keptBeside(notes, current)).toEqual([last, ...paged.slice(0, 7)]);
  expect(await keptBeside(notes, { ...current, hasErased: true })).toEqual([]);
  for (const id of [unpaged?.id, older.at(-1)?.id]) await writeFile(join(notes, `snapshot-${id}.duckdb`), "");
  await deleteOthers(notes, { ...current, older: paged.slice(0, 7) });
  expect(await readdir(notes)).toHaveLength(7);
  await rm(notes, { recursive: true });
});

test("the file of a snapshot is opened once for queries at the same time, and closed some time after the last: a deleted one is gone", async () => {
  const id = randomUUID();
  const [current, copied] = [(await readPublished(folder))!, await mkdtemp(join(tmpdir(), "heima-analytics-copied-"))];
  await copyFile(join(folder, fileOf(current)), join(copied, fileOf({ id })));
  const query = openSnapshots(copied, undefined, 1);
  const days = () => query(id, (name) => `SELECT day FROM ${name}.daily_readers`);
  const answers = await Promise.all(Array.from({ length: 8 }, days));
  expect(new Set(answers.map((rows) => JSON.stringify(rows))).size).toBe(1);
  await rm(join(copied, fileOf({ id })));
  const state = () =>
    days().then(
      () => "open",
      (error: Error) => error.message,
    );
  await expect.poll(state, { interval: 100 }).toContain("does not exist");
  await copyFile(join(folder, fileOf(current)), join(copied, fileOf({ id })));
  expect(await days()).toEqual(answers[0]);
  await rm(copied, { recursive: true });
});

test("a cursor is a place in a snapshot that is listed", async () => {
  const place = { snapshot: "00000000-0000-4000-8000-000000000000", offset: 1 };
  for (const [changed, expected] of [
    [place, "410 analytics_cursor_lost"],
    [{ ...place, snapshot: "../../etc/passwd" }, "400 invalid_request"],
    [{ offset: 1 }, "400 invalid_request"],
    [{ ...place, offset: -1 }, "400 invalid_request"],
  ] as const) {
    const cursor = Buffer.from(JSON.stringify(changed)).toString("base64url");
    expect(await told(await ask(`/daily_readers?cursor=${cursor}`))).toBe(expected);
  }
});

test("a request for one view computes the others too, except the large ones", () => {
  expect(viewsToMake([])).toEqual([]);
  const others = all.filter((name) => !["sessions", "chapter_funnel", "books_together"].includes(name));
  expect(viewsToMake(["heat_map"])).toEqual(others);
  expect(viewsToMake(["sessions"])).toEqual(["sessions", ...others]);
});

test("every view is published, and listed with what it says", async () => {
  const { items } = await page("");
  expect(items.map(({ view }) => view)).toEqual(publishedViews.map(({ name }) => name));
  for (const { name } of publishedViews) expect((await ask(`/${name}`)).status, name).toBe(200);
});

test("later events are added to what is there, and no reader who was erased is left", async () => {
  const before = log.reads();
  const { position, nextCursor } = await page("/daily_readers?limit=1");
  log.append(reads(daiyu, water, 3, 40), [`account-${baoyu}`, { type: "ReaderErased", data: {} }, time(3)]);
  await store.pool.query("DELETE FROM replay_pseudonyms WHERE reader_id = $1", [baoyu]);
  await refreshAnalytics(deps(), all, never);
  const days = await page("/daily_readers");
  expect(days.items.map(({ day, readers }) => [day, readers])).toEqual([
    ["2026-02-25", "1"],
    ["2026-03-01", "1"],
    ["2026-03-03", "1"],
  ]);
  expect(days.position).toBe(`${BigInt(position) + 200n}`);
  // The log was not read from its beginning again, except for the books and the erased readers.
  expect(log.reads() - before).toBeLessThan(2 * log.events.length);
  expect((await store.pool.query("SELECT FROM replay_exports")).rowCount).toBe(0);
  // Earlier ones have the reader.
  expect(await told(await ask(`/daily_readers?limit=1&cursor=${nextCursor}`))).toBe("410 analytics_cursor_lost");
  expect(await snapshots()).toHaveLength(1);
  expect(await readdir(folder)).not.toContain("copy");
});

test("a reader who was erased is taken out by the refresh after one that took over the events and failed", async () => {
  const [tanchun] = readerIds.slice(5) as [string];
  log.append(reads(tanchun, stone, 20, 10));
  await refreshAnalytics(deps(), all, never);
  const day = "/daily_readers?from=2026-03-20";
  expect((await page(day)).items).toHaveLength(1);
  log.append([`account-${tanchun}`, { type: "ReaderErased", data: {} }, time(21)], reads(daiyu, water, 22, 10));
  await store.pool.query("DELETE FROM replay_pseudonyms WHERE reader_id = $1", [tanchun]);
  let copied = false;
  const readLogEnd = async () => {
    const { rowCount } = await store.pool.query("SELECT FROM replay_exports");
    if (copied && rowCount === 0) throw new Error("the event store is away");
    copied ||= rowCount === 1;
    return log.store.readLogEnd();
  };
  const failing = { ...deps(), eventStore: { ...log.store, readLogEnd } };
  await expect(refreshAnalytics(failing, ["no_such_view"], never)).rejects.toThrow();
  expect(copied).toBe(true);
  await refreshAnalytics(deps(), all, never);
  expect((await page(day)).items).toMatchObject([{ day: "2026-03-22" }]);
});

test("a reader whose pseudonym was lost in a restore of Postgres is not taken for an erased one", async () => {
  const [tanchun, xichun] = readerIds.slice(6) as [string, string];
  const restored = await mkdtemp(join(tmpdir(), "heima-analytics-restored-"));
  const events = logOf([...life, reads(tanchun, stone, 8, 10), reads(xichun, stone, 8, 20)]);
  const warned: unknown[] = [];
  const of = (keysNow: typeof keys) => ({
    ...deps(),
    eventStore: events.store,
    keys: keysNow,
    folder: restored,
    logger: { ...logger, warn: (fields: unknown) => void warned.push(fields) },
  });
  const days = async () => {
    const { id } = (await readPublished(restored))!;
    return openSnapshots(
      restored,
      undefined,
      1,
    )<{ readers: string; seconds: string }>(
      id,
      (name) => `SELECT readers, seconds FROM ${name}.daily_readers WHERE day = '2026-03-08'`,
    );
  };
  await refreshAnalytics(of(keys), ["daily_readers"], never);
  expect(await days()).toEqual([{ readers: "2", seconds: "30" }]);

  // Restored from before both readers, with other keys than those of their pseudonyms; then one of them is erased.
  const lose = (ids: readonly string[]) =>
    store.pool.query("DELETE FROM replay_pseudonyms WHERE reader_id = ANY($1)", [ids]);
  const newer = { kid: "k2", key: createSecretKey(Buffer.alloc(32, 9)) };
  await lose([tanchun, xichun]);
  events.append(reads(daiyu, stone, 9, 10), [`account-${xichun}`, { type: "ReaderErased", data: {} }, time(9)]);
  await refreshAnalytics(of([newer]), ["daily_readers"], never);
  expect(await days()).toEqual([{ readers: "1", seconds: "10" }]);
  expect(warned).toEqual([{ count: 2 }]);

  // Also if nobody was erased since the existing events; and it is rebuilt once.
  await lose([tanchun]);
  for (const day of [10, 11]) {
    events.append(reads(daiyu, stone, day, 10));
    await refreshAnalytics(of([newer, ...keys]), ["daily_readers"], never);
    expect(await days()).toEqual([{ readers: "1", seconds: "10" }]);
  }
  expect(warned).toEqual([{ count: 2 }, { count: 1 }]);
  // A known erasure is no reason to read the log again.
  await lose([tanchun]);
  events.append([`account-${tanchun}`, { type: "ReaderErased", data: {} }, time(12)]);
  await refreshAnalytics(of([newer]), ["daily_readers"], never);
  expect(await days()).toEqual([]);
  expect(warned).toHaveLength(2);
  await rm(restored, { recursive: true });
});

test("a refresh that fails or is killed leaves neither files nor copies in the list, and the next one makes what was asked for", async () => {
  const copies = async () => (await store.pool.query("SELECT FROM replay_exports")).rowCount;
  const left = async () =>
    (await readdir(folder)).filter(
      (name) => !/^(snapshot-.*\.duckdb|events\.duckdb|snapshots\.json|asked-.*|paged-.*)$/.test(name),
    );
  const before = await readPublished(folder);
  log.append(reads(daiyu, water, 4, 10));
  await expect(refreshAnalytics(deps(), ["daily_readers", "no_such_view"], never)).rejects.toThrow();
  expect([await left(), await copies(), await readPublished(folder)]).toEqual([[], 0, before]);

  log.append(reads(daiyu, water, 5, 10));
  const closing = new AbortController();
  const readAll: (typeof log.store)["readAll"] = async function* (options) {
    yield* log.store.readAll(options);
    if ((await copies()) === 1) closing.abort(new Error("the process ends"));
  };
  const aborted = refreshAnalytics({ ...deps(), eventStore: { ...log.store, readAll } }, all, closing.signal);
  await expect(aborted).rejects.toThrow("the process ends");
  expect([await left(), await copies()]).toEqual([[], 0]);

  // What a killed process leaves: a begun or finished export, and a growing file; earlier releases gave them other names.
  const [begun, exportId] = [join(folder, "copy"), "01890a5d-ac96-774b-bcce-b302099a8057"];
  for (const name of ["export.progress", "manifest.json"]) {
    await mkdir(begun);
    await writeFile(join(begun, name), `${JSON.stringify({ exportId, of: "any release" })}\n`);
    await store.pool.query(
      `INSERT INTO replay_exports (export_id, requested_by, place, format, up_to_position, filters) VALUES ($1, 'analytics', 'x', 'parquet', 1, '{}')`,
      [exportId],
    );
    const grown = ["unfinished.duckdb", "views-0.1.0-1.duckdb.unfinished"];
    for (const file of grown)
      for (const end of ["", ".wal"]) {
        await writeFile(join(folder, `${file}${end}`), "x");
        // An earlier release that still runs may be writing it, but not for an hour.
        await utimes(join(folder, `${file}${end}`), new Date(), new Date(Date.now() - 61 * 60_000));
      }
    log.append(reads(daiyu, water, 6, 10));
    await refreshAnalytics(deps(), all, never);
    expect([await left(), await copies()]).toEqual([[], 0]);
    expect(await snapshots()).toHaveLength(2);
  }
});

test("from another log, as after a restore, all is made anew, also if it ends where the other did", async () => {
  const restored = await mkdtemp(join(tmpdir(), "heima-analytics-restored-"));
  const of = ({ store: eventStore }: typeof log) => ({ ...deps(), eventStore, folder: restored });
  const others = readerIds.slice(10);
  const later = (readers: readonly string[]) => readers.map((reader) => reads(reader, stone, 7, 60));
  const lost = logOf(life.concat(later(others.slice(0, 3))));
  const daysIn = (day: number) => ({ day: time(day).slice(0, 10) });
  const published = async () => {
    const current = (await readPublished(restored))!;
    const duckOf = openSnapshots(restored, undefined, 1);
    return duckOf(current.id, (name) => `SELECT day, readers FROM ${name}.daily_readers ORDER BY day`);
  };
  // Shorter than the one before; as long, with other events in the same places; longer.
  for (const readers of [[], others.slice(3, 6), others.slice(3, 8)]) {
    await refreshAnalytics(of(lost), ["daily_readers"], never);
    expect((await published())[2]).toEqual({ ...daysIn(7), readers: "3" });
    const { older, hasErased } = await refreshAnalytics(
      of(logOf(life.concat(later(readers)))),
      ["daily_readers"],
      never,
    );
    expect({ older, hasErased }).toEqual({ older: [], hasErased: false });
    const [, , third] = await published();
    expect(third).toEqual(readers.length === 0 ? undefined : { ...daysIn(7), readers: `${readers.length}` });
  }
  await rm(restored, { recursive: true });
});

test("what is too old says so, and workers publish what is asked for", async () => {
  const current = (await readPublished(folder))!;
  await writePublished(folder, { ...current, at: new Date(Date.now() - 31_000).toISOString() });
  expect(await page("/daily_readers")).toMatchObject({ stale: true, position: current.position });
  await writePublished(folder, { ...current, views: ["sessions"] });
  const late = await ask("/daily_readers");
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "5"]);
  const worker = startAnalytics(deps(), 20);
  try {
    await expect.poll(async () => (await page("/daily_readers")).stale, { timeout: 60_000 }).toBe(false);
    expect((await readPublished(folder))?.views).toContain("daily_readers");
  } finally {
    await worker.close();
  }
}, 90_000);
