import { createHash, createSecretKey, randomUUID } from "node:crypto";
import { cpSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { CliParts } from "../../src/main/cliParts.ts";
import { exportEvents } from "../../src/main/exportEvents.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { copiesWith, forgetPseudonym, listCopies } from "../../src/replay/copies.ts";
import { openDuck } from "../../src/replay/duck/database.ts";
import { readFiles } from "../../src/replay/duck/readFiles.ts";
import { readersAskedFor } from "../../src/replay/export/keptFilters.ts";
import { withLockedFolder } from "../../src/replay/export/lockFolder.ts";
import { type ExportFormat, type ExportPlan, exportFormats, type Manifest } from "../../src/replay/export/manifest.ts";
import { type ExportOptions, type ExportRequest, runExport } from "../../src/replay/export/runExport.ts";
import { pathsOf } from "../../src/replay/export/writeFiles.ts";
import { createReaderNames } from "../../src/replay/pseudonyms.ts";
import { freshDatabase, tablesWith } from "../support/database.ts";
import { at, catalogued, type Logged, logOf, progressed, published, readerIds } from "./log.ts";

const key = (kid: string) => ({ kid, key: createSecretKey(createHash("sha256").update(kid).digest()) });
const books = ["hongloumeng0", "xiyouji00000", "sanguoyanyi0"];
const folders: string[] = [];
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: createLogger("test", "silent") });
});
beforeEach(() => pool.query("TRUNCATE accounts, replay_pseudonyms, replay_exports, replay_days CASCADE"));
afterAll(async () => {
  await pool?.end();
  await database?.drop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), "heima-export-"));
  folders.push(folder);
  return folder;
};

/** Three days of China, twenty readers, some of the events read on the day before they were recorded. */
function someDays(): Logged[] {
  const events: Logged[] = books.map((bookId, n) => [`book-${bookId}`, catalogued(bookId, `书${n}`), time(0)]);
  events.push([`book-${books[0]}`, published(120), time(1)]);
  for (let n = 0; n < 300; n++) {
    const created = new Date(Date.parse(time(2)) + n * 600_000).toISOString();
    const readAt = n % 7 === 0 ? new Date(Date.parse(created) - 86_400_000).toISOString() : created;
    const reader = readerIds[(n * 7) % readerIds.length] as string;
    events.push([`progress-${reader}`, progressed({ bookId: books[n % 3] as string, readAt }), created]);
    if (n === 150) events.push([`book-${books[0]}`, catalogued(books[0] as string, "石头记", "红学"), created]);
  }
  return events;
}
const time = (minute: number) => new Date(Date.UTC(2026, 10, 1) + minute * 60_000).toISOString();

const requestOf = (folder: string, over: Partial<ExportRequest> = {}): ExportRequest => ({
  format: "ndjson",
  identities: false,
  range: { after: null, upTo: "100000000" },
  filters: { types: [], books: [], readers: [] },
  endAsked: false,
  folder,
  requestedBy: "li",
  identitiesReason: undefined,
  place: `host:${folder}`,
  ...over,
});
const quiet: ExportOptions = { onProgress: () => {}, signal: new AbortController().signal, eventsOfFile: 40 };
const copy = (log: ReturnType<typeof logOf>, request: ExportRequest, options: Partial<ExportOptions> = {}) =>
  runExport({ eventStore: log.store, pool, keys: [key("k1")] }, request, { ...quiet, ...options });

const planOf = ({ manifest, exportId, release, format, identities, range, filters }: Manifest): ExportPlan => ({
  manifest,
  exportId,
  release,
  format,
  identities,
  range,
  filters,
});

/** Every file but the manifest, with its bytes. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "manifest.json");
  return Object.fromEntries(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [
          path.slice(folder.length),
          createHash("sha256")
            .update(await readFile(path))
            .digest("hex"),
        ];
      }),
    ),
  );
}

type Row = Record<string, unknown>;
async function rowsOf(folder: string, { files, format }: Manifest): Promise<readonly Row[]> {
  const duck = await openDuck();
  try {
    return await duck.rows(`SELECT * FROM ${readFiles(pathsOf(folder, files), format)} ORDER BY position`);
  } finally {
    duck.close();
  }
}

test.each(exportFormats)(
  "%s: one that was killed goes on, wherever it was, and ends with the same bytes",
  async (format) => {
    const log = logOf(someDays());
    const whole = await newFolder();
    const killed: string[] = [];
    for (let n = 0; n < (format === "parquet" ? 6 : 4); n++) killed.push(await newFolder());
    const moments = killed.map(() => Math.floor(Math.random() * 300));
    const left = new Set(moments.keys());
    // The files on disk at such a moment are what a kill leaves.
    const onProgress: ExportOptions["onProgress"] = ({ events }) => {
      for (const [n, moment] of moments.entries())
        if (events >= moment && left.delete(n)) cpSync(whole, killed[n] as string, { recursive: true });
    };
    const manifest = await copy(log, requestOf(whole, { format }), { onProgress, eventsOfFile: 30 });
    expect(left.size).toBe(0);
    expect(manifest.events).toBe(305);
    expect(new Set(manifest.files.map(({ day }) => day))).toEqual(new Set(["2026-11-01", "2026-11-02", "2026-11-03"]));
    const expected = await filesOf(whole);
    for (const folder of killed) {
      const again = await copy(log, requestOf(folder, { format }), { eventsOfFile: 30 });
      expect(await filesOf(folder), `killed at ${moments}`).toEqual(expected);
      expect(again).toEqual(manifest);
    }
    const rows = await rowsOf(whole, manifest);
    expect(rows.map(({ position }) => position)).toEqual(log.events.map(({ position }) => `${position}`));
  },
  120_000,
);

test("events that do not match their schema are left out and counted, wherever the export was killed", async () => {
  const broken = (bookId: string): Logged => [
    `shelf-${readerIds[1]}`,
    { type: "BookAddedToShelf", data: { bookId } } as Logged[1],
    time(3_000),
  ];
  const events = someDays();
  for (const index of [0, 35, 36, 120, 300]) events.splice(index, 0, broken(5 as unknown as string));
  const log = logOf([...events, broken("no id")]);
  const [whole, ...killed] = [await newFolder(), await newFolder(), await newFolder(), await newFolder()];
  const moments = [30, 120, 290];
  const onProgress: ExportOptions["onProgress"] = ({ events: read }) => {
    const index = moments.findIndex((moment) => read >= moment);
    if (index < 0) return;
    moments.splice(index, 1, Number.POSITIVE_INFINITY);
    cpSync(whole, killed[index] as string, { recursive: true });
  };
  const manifest = await copy(log, requestOf(whole), { onProgress, eventsOfFile: 30 });
  expect(manifest).toMatchObject({ events: 305, unreadable: 6 });
  expect(manifest.files.reduce((sum, { unreadable }) => sum + unreadable, 0)).toBe(5);
  for (const folder of killed) expect(await copy(log, requestOf(folder), { eventsOfFile: 30 })).toEqual(manifest);
  const onlyReadings = requestOf(await newFolder(), {
    filters: { types: ["ReadingProgressed"], books: [], readers: [] },
  });
  expect(await copy(log, onlyReadings)).toMatchObject({ events: 300, unreadable: 0 });
});

test("one that was given up says so and goes on; a line of progress that was cut off counts as not written", async () => {
  const log = logOf(someDays());
  const [whole, broken] = [await newFolder(), await newFolder()];
  const manifest = await copy(log, requestOf(whole));
  const controller = new AbortController();
  const onProgress: ExportOptions["onProgress"] = ({ events }) => {
    if (events > 150) controller.abort(new Error("interrupted"));
  };
  const given = copy(log, requestOf(broken), { onProgress, signal: controller.signal });
  await expect(given).rejects.toThrow("interrupted");
  await appendFile(join(broken, "export.progress"), '{"file":"created_day=2026');
  expect(await copy(log, requestOf(broken))).toEqual({ ...manifest, exportId: expect.any(String) });
  expect(await filesOf(broken)).toEqual(await filesOf(whole));
});

test.each(["book", "account"])(
  "one that is given up while it reads what else it needs, events of %ss, reads no more",
  async (category) => {
    const log = logOf(someDays());
    for (const reader of readerIds) log.append([`account-${reader}`, { type: "ReaderErased", data: {} }, time(9_000)]);
    const controller = new AbortController();
    let read = 0;
    const eventStore: typeof log.store = {
      ...log.store,
      async *readAll(options) {
        for await (const event of log.store.readAll(options)) {
          if (`${options?.categories}` === category && ++read === 2) controller.abort(new Error("interrupted"));
          yield event;
        }
      },
    };
    const request = requestOf(await newFolder(), { range: { after: `${at(200)}`, upTo: `${at(304)}` } });
    const given = runExport({ eventStore, pool, keys: [key("k1")] }, request, { ...quiet, signal: controller.signal });
    await expect(given).rejects.toThrow("interrupted");
    expect(read).toBe(2);
  },
);

test("lines of progress that two processes wrote at once count once", async () => {
  const log = logOf(someDays());
  const [whole, broken] = [await newFolder(), await newFolder()];
  const manifest = await copy(log, requestOf(whole));
  const controller = new AbortController();
  const onProgress: ExportOptions["onProgress"] = ({ events }) => {
    if (events > 250) controller.abort(new Error("interrupted"));
  };
  await expect(copy(log, requestOf(broken), { onProgress, signal: controller.signal })).rejects.toThrow("interrupted");
  const progress = join(broken, "export.progress");
  const [plan, ...lines] = (await readFile(progress, "utf8")).trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(2);
  await writeFile(progress, `${[plan, ...lines.flatMap((line) => [line, line])].join("\n")}\n`);
  expect(await copy(log, requestOf(broken))).toEqual({ ...manifest, exportId: expect.any(String) });
  expect(await filesOf(broken)).toEqual(await filesOf(whole));
});

test("all formats have the same rows", async () => {
  const log = logOf(someDays());
  const tables = await Promise.all(
    exportFormats.map(async (format: ExportFormat) => {
      const folder = await newFolder();
      return rowsOf(folder, await copy(log, requestOf(folder, { format })));
    }),
  );
  expect(tables[0]).toHaveLength(305);
  expect(tables[1]).toEqual(tables[0]);
  expect(tables[2]).toEqual(tables[0]);
});

test("a row has the book as it was then, and says what came late", async () => {
  const log = logOf(someDays());
  const folder = await newFolder();
  const rows = await rowsOf(folder, await copy(log, requestOf(folder)));
  const ofBook = rows.filter(({ type, book_id }) => type === "ReadingProgressed" && book_id === books[0]);
  const changed = ofBook.findIndex(({ book_title }) => book_title === "石头记");
  expect(changed).toBeGreaterThan(40);
  expect(ofBook[changed - 1]).toMatchObject({ book_title: "书0", book_category: "古典", book_chapters: "120" });
  expect(ofBook[changed]).toMatchObject({ book_title: "石头记", book_category: "红学", book_chapters: "120" });
  const [first, second] = rows.filter(({ type }) => type === "ReadingProgressed");
  expect(first).toMatchObject({ late: true, late_seconds: "86400", created_day: "2026-11-01" });
  expect(first).toMatchObject({
    happened_day: "2026-10-31",
    happened_at: "2026-10-31 00:02:00",
    reader: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(second).toMatchObject({ late: false, late_seconds: "0", event_id: null });
  // The same in each copy, and no id: it only marks repeats.
  expect(second?.entry_id).toMatch(/^[0-9a-f]{16}$/);
});

describe("readers", () => {
  test("no id, no device and no text of a reader is in a copy with pseudonyms; with identities all are", async () => {
    const reader = readerIds[0] as string;
    const note = "记在这里的话";
    const device = "李的手机";
    const bookmark = {
      bookmarkId: randomUUID(),
      bookId: books[0] as string,
      chapterId: "chapter00001",
      chapterNo: 1,
      offset: 3,
      note,
    };
    const log = logOf([
      [`progress-${reader}`, progressed({ bookId: books[0] as string, readAt: time(1), deviceId: device }), time(1)],
      [`progress-${reader}`, progressed({ bookId: books[0] as string, readAt: time(2), deviceId: device }), time(2)],
      [`bookmarks-${reader}`, { type: "BookmarkSet", data: bookmark }, time(3)],
      [`shelf-${reader}`, { type: "ShelfGroupCreated", data: { group: "g1", name: "我的最爱" } }, time(4)],
    ]);
    const [hidden, named] = [await newFolder(), await newFolder()];
    const manifest = await copy(log, requestOf(hidden));
    const text = await readFile(join(hidden, manifest.files[0]?.file ?? ""), "utf8");
    for (const secret of [reader, device, note, "我的最爱", bookmark.bookmarkId]) expect(text).not.toContain(secret);
    const rows = await rowsOf(hidden, manifest);
    expect(rows[0]?.device_id).toMatch(/^[0-9a-f]{16}$/);
    expect(rows[1]?.device_id).toBe(rows[0]?.device_id);
    const identities = { identities: true, identitiesReason: "a reader asked" };
    const open = await rowsOf(named, await copy(log, requestOf(named, identities)));
    expect(open.map((row) => row.reader)).toEqual([reader, reader, reader, reader]);
    expect(open[2]).toMatchObject({ note, bookmark_id: bookmark.bookmarkId });
    expect(await listCopies(pool, false)).toMatchObject([
      { identitiesReason: "a reader asked" },
      { identitiesReason: null },
    ]);
  });

  test("trying every reader id finds no pseudonym without the key, and all of them with it", async () => {
    const log = logOf(someDays());
    const folder = await newFolder();
    const rows = await rowsOf(folder, await copy(log, requestOf(folder)));
    const pseudonyms = new Set(rows.map((row) => row.reader).filter((name) => name !== null));
    expect(pseudonyms.size).toBe(20);
    const tried = readerIds.flatMap((id) =>
      [id, `reader ${id}`, id.replaceAll("-", ""), `progress-${id}`].flatMap((text) =>
        ["md5", "sha1", "sha256", "sha512"].map((digest) => createHash(digest).update(text).digest("hex").slice(0, 32)),
      ),
    );
    expect(tried.filter((one) => pseudonyms.has(one))).toEqual([]);
    const otherKey = createReaderNames(pool, [key("k2")], null);
    await pool.query("DELETE FROM replay_pseudonyms");
    for (const { reader } of (await otherKey.of(readerIds)).values()) expect(pseudonyms.has(reader)).toBe(false);
    await pool.query("DELETE FROM replay_pseudonyms");
    const sameKey = createReaderNames(pool, [key("k1")], null);
    expect(new Set([...(await sameKey.of(readerIds)).values()].map(({ reader }) => reader))).toEqual(pseudonyms);
  });

  test("pseudonyms stay when the key is exchanged, so that copies can be joined", async () => {
    const log = logOf(someDays());
    const [before, after] = [await newFolder(), await newFolder()];
    await copy(log, requestOf(before));
    const deps = { eventStore: log.store, pool, keys: [key("k2"), key("k1")] };
    await runExport(deps, requestOf(after), quiet);
    expect(await filesOf(after)).toEqual(await filesOf(before));
  });

  test("an erased reader is absent, the copies that hold the reader are named, and the mapping is gone", async () => {
    const log = logOf(someDays());
    const [before, after] = [await newFolder(), await newFolder()];
    const erased = readerIds[7] as string;
    const first = await copy(log, requestOf(before));
    const [held] = await copiesWith(pool, erased);
    expect(held).toMatchObject({ exportId: first.exportId, place: `host:${before}` });
    await forgetPseudonym(pool, erased);
    log.append([`account-${erased}`, { type: "ReaderErased", data: {} }, time(9_000)]);
    expect((await pool.query("SELECT FROM replay_pseudonyms WHERE reader_id = $1", [erased])).rowCount).toBe(0);
    expect(await listCopies(pool, true)).toMatchObject([{ exportId: first.exportId, erased: [held?.reader] }]);

    const second = await copy(log, requestOf(after));
    expect(second).toMatchObject({ events: 290, erased: { events: 16 } });
    const rows = await rowsOf(after, second);
    expect(rows.filter(({ reader }) => reader === held?.reader)).toEqual([]);
    expect((await listCopies(pool, true)).map(({ exportId }) => exportId)).toEqual([first.exportId]);
    expect((await pool.query("SELECT FROM replay_pseudonyms WHERE reader_id = $1", [erased])).rowCount).toBe(0);
  });

  test.each(exportFormats)("a file whose readers are all erased has no rows (%s)", async (format) => {
    const [erased, other] = readerIds as [string, string];
    const reads = (reader: string, day: number): Logged => [
      `progress-${reader}`,
      progressed({ bookId: books[0] as string, readAt: time(day * 1_440) }),
      time(day * 1_440),
    ];
    const gone: Logged = [`account-${erased}`, { type: "ReaderErased", data: {} }, time(3 * 1_440)];
    const log = logOf([reads(erased, 1), reads(other, 2), gone]);
    const folder = await newFolder();
    const manifest = await copy(log, requestOf(folder, { format }));
    expect(manifest.files.map(({ events, leftOut }) => [events, leftOut])).toEqual([
      [0, 1],
      [1, 0],
      [0, 1],
    ]);
    expect(await rowsOf(folder, manifest)).toHaveLength(1);
  });

  test.each(["before its account is deleted", "so long ago that only the log knows"])(
    "a reader who is erased while the export runs is taken out of the files that are written (%s)",
    async (when) => {
      const log = logOf(someDays());
      const folder = await newFolder();
      const erased = readerIds[7] as string;
      let pass = 0;
      const onProgress = async () => {
        if (pass++ > 0) return;
        if (when.startsWith("before"))
          await pool.query(
            "INSERT INTO accounts (reader_id, openid, registered_at, erased_at) VALUES ($1, NULL, now(), now())",
            [erased],
          );
        log.append([`account-${erased}`, { type: "ReaderErased", data: {} }, time(9_000)]);
      };
      const range = { after: null, upTo: `${at(303)}` };
      const manifest = await copy(log, requestOf(folder, { range, format: "parquet" }), {
        onProgress: () => void onProgress(),
      });
      expect(manifest).toMatchObject({ events: 289, erased: { events: 15 } });
      const rows = await rowsOf(folder, manifest);
      expect(new Set(rows.map(({ reader }) => reader).filter((name) => name !== null)).size).toBe(19);
      expect(await listCopies(pool, true)).toEqual([]);
      for (const { file, sha256 } of manifest.files) expect((await filesOf(folder))[`/${file}`]).toBe(sha256);
    },
  );
});

test("an export that ends while it takes an erased reader out of its files describes them as they are", async () => {
  const log = logOf(someDays());
  const folder = await newFolder();
  const onProgress = () => {
    if (log.events.at(-1)?.type === "ReaderErased") return;
    log.append([`account-${readerIds[7]}`, { type: "ReaderErased", data: {} }, time(9_000)]);
  };
  // A folder in its place: the progress cannot be recorded.
  const inTheWay = join(folder, "export.progress.partial");
  await mkdir(inTheWay);
  const request = requestOf(folder, { range: { after: null, upTo: `${at(303)}` } });
  await expect(copy(log, request, { onProgress })).rejects.toThrow("EISDIR");
  await rm(inTheWay, { recursive: true });
  const manifest = await copy(log, request);
  expect(manifest).toMatchObject({ events: 289, erased: { events: 15 } });
  const found = await filesOf(folder);
  expect(Object.fromEntries(manifest.files.map(({ file, sha256 }) => [`/${file}`, sha256]))).toEqual(found);
});

test("an export whose files cannot be rid of an erased reader, because a scavenge took the events, is refused", async () => {
  const [erased, other] = readerIds as [string, string];
  const read = (reader: string, minute: number): Logged => [
    `progress-${reader}`,
    progressed({ bookId: books[0] as string, readAt: time(minute) }),
    time(minute),
  ];
  const log = logOf([read(erased, 1), read(erased, 2), read(other, 3_000)]);
  const onProgress = () => {
    log.append([`account-${erased}`, { type: "ReaderErased", data: {} }, time(9_000)]);
    log.events.splice(0, 2);
  };
  await expect(copy(log, requestOf(await newFolder()), { onProgress })).rejects.toThrow("the log has changed");
});

describe("what is asked for", () => {
  test("types, books and readers", async () => {
    const log = logOf(someDays());
    const [reader = ""] = readerIds;
    const filters = { types: ["ReadingProgressed"], books: [books[1] as string], readers: [reader] };
    const folder = await newFolder();
    const manifest = await copy(log, requestOf(folder, { filters, identities: true, identitiesReason: "x" }));
    const rows = await rowsOf(folder, manifest);
    expect(rows).toHaveLength(5);
    for (const row of rows)
      expect(row).toMatchObject({ type: "ReadingProgressed", book_id: books[1], reader, book_title: "书1" });
    const wrong = requestOf(await newFolder(), { filters: { ...filters, types: ["BookBurnt"] } });
    await expect(copy(log, wrong)).rejects.toThrow("no events of type BookBurnt");
  });

  describe("readers by their ids", () => {
    const [asked, other] = [readerIds[3], readerIds[5]] as [string, string];
    const filters = { types: [], books: [], readers: [asked, other] };
    const named = { identities: true, identitiesReason: "a reader asked" };

    test("a copy with pseudonyms keeps no id, goes on when it is asked for again, and an erasure leaves no way to the reader", async () => {
      const log = logOf(someDays());
      const folder = await newFolder();
      const controller = new AbortController();
      const onProgress: ExportOptions["onProgress"] = ({ events }) => {
        if (events > 150) controller.abort(new Error("interrupted"));
      };
      const options = { onProgress, signal: controller.signal, eventsOfFile: 5 };
      await expect(copy(log, requestOf(folder, { filters }), options)).rejects.toThrow("interrupted");
      const progress = await readFile(join(folder, "export.progress"), "utf8");
      for (const id of filters.readers) expect(progress).not.toContain(id);
      const manifest = await copy(log, requestOf(folder, { filters }), { eventsOfFile: 5 });
      expect(manifest).toMatchObject({ exportId: JSON.parse(progress.split("\n")[0] ?? "").exportId, events: 30 });
      const names = new Set((await rowsOf(folder, manifest)).map(({ reader }) => reader));
      expect(manifest.filters.readers).toEqual([...names].sort());
      expect((await listCopies(pool, false))[0]?.filters).toEqual(manifest.filters);
      expect(await readersAskedFor(pool, manifest.filters)).toEqual(expect.arrayContaining([asked, other]));
      expect(await tablesWith(pool, asked)).toEqual(["public.replay_pseudonyms"]);

      await forgetPseudonym(pool, asked);
      expect(await tablesWith(pool, asked)).toEqual([]);
      await expect(readersAskedFor(pool, manifest.filters)).rejects.toThrow("is erased: name the others");
    });

    test("a copy with identities was asked for by the id until the erasure; it still says who is in it, but not when they were erased", async () => {
      const log = logOf(someDays());
      const folders = [await newFolder(), await newFolder()] as const;
      await copy(log, requestOf(folders[0], { filters, ...named }));
      await copy(log, requestOf(folders[1], { requestedBy: `analyst ${asked}` }));
      await forgetPseudonym(pool, asked);
      expect((await listCopies(pool, true)).map((found) => [found.requestedBy, found.filters])).toEqual([
        ["analyst erased", { types: [], books: [], readers: [] }],
        ["li", { types: [], books: [], readers: ["erased", other] }],
      ]);
      expect(await tablesWith(pool, asked)).toEqual(["public.replay_export_readers"]);
      const { rows } = await pool.query(
        "SELECT DISTINCT erased_at FROM replay_export_readers WHERE erased_at IS NOT NULL",
      );
      expect(rows).toEqual([{ erased_at: new Date(0) }]);
    });

    test.each([{}, named])(
      "readers who were erased long ago cannot be asked for, and get no pseudonym (%o)",
      async (over) => {
        const log = logOf([...someDays(), [`account-${asked}`, { type: "ReaderErased", data: {} }, time(9_000)]]);
        const range = { after: `${at(304)}`, upTo: `${at(305)}` };
        const request = requestOf(await newFolder(), { filters, range, ...over });
        await expect(copy(log, request)).rejects.toThrow(`reader ${asked} is erased: ask without`);
        expect(await tablesWith(pool, asked)).toEqual([]);
      },
    );

    test("a copy of an earlier release, which kept the ids, is refused with a reason", async () => {
      const folder = await newFolder();
      const manifest = await copy(logOf(someDays()), requestOf(folder, { filters }));
      await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, filters }));
      await expect(copy(logOf(someDays()), requestOf(folder, { filters }))).rejects.toThrow(
        "of an earlier release, with ids",
      );
      await rm(join(folder, "manifest.json"));
      await writeFile(join(folder, "export.progress"), `${JSON.stringify({ ...planOf(manifest), filters })}\n`);
      await expect(copy(logOf(someDays()), requestOf(folder, { filters }))).rejects.toThrow(
        "of an earlier release, with ids",
      );
    });

    test("the migration takes the ids out of copies of earlier releases", async () => {
      const log = logOf(someDays());
      const gone = "01890a5d-ac96-774b-bcce-b302099a9999";
      for (const over of [{}, named]) await copy(log, requestOf(await newFolder(), over));
      const [pseudonym] = (await pool.query("SELECT pseudonym FROM replay_pseudonyms WHERE reader_id = $1", [asked]))
        .rows;
      await forgetPseudonym(pool, other);
      await pool.query("UPDATE replay_export_readers SET erased_at = now() WHERE erased_at IS NOT NULL");
      await pool.query("UPDATE replay_exports SET filters = $1", [{ ...filters, readers: [gone, other, asked] }]);
      const migration = await readFile("migrations/022_erased_readers_of_copies.sql", "utf8");
      for (let run = 0; run < 2; run++) {
        await pool.query(migration);
        expect((await listCopies(pool, false)).map((found) => found.filters)).toMatchObject([
          { readers: [gone, "erased", asked] },
          { readers: ["unknown", "unknown", pseudonym?.pseudonym] },
        ]);
      }
      const { rows } = await pool.query(
        "SELECT DISTINCT erased_at FROM replay_export_readers WHERE erased_at IS NOT NULL",
      );
      expect(rows).toEqual([{ erased_at: new Date(0) }]);
    });
  });

  test("one copy begins where another ended, and together they are the whole", async () => {
    const log = logOf(someDays());
    const [whole, first, second] = [await newFolder(), await newFolder(), await newFolder()];
    const all = await rowsOf(whole, await copy(log, requestOf(whole)));
    const one = await copy(log, requestOf(first, { range: { after: null, upTo: `${at(99)}` } }));
    const two = await copy(log, requestOf(second, { range: { after: one.range.upTo, upTo: `${at(304)}` } }));
    expect([...(await rowsOf(first, one)), ...(await rowsOf(second, two))]).toEqual(all);
  });

  test("a folder with another export is left alone, the same one is there already", async () => {
    const log = logOf(someDays());
    const folder = await newFolder();
    const manifest = await copy(log, requestOf(folder));
    const before = await filesOf(folder);
    expect(await copy(log, requestOf(folder))).toEqual(manifest);
    await expect(copy(log, requestOf(folder, { format: "csv" }))).rejects.toThrow("holds another export");
    await expect(copy(log, requestOf(folder, { endAsked: true, range: { after: null, upTo: "700" } }))).rejects.toThrow(
      "holds another export",
    );
    expect(await filesOf(folder)).toEqual(before);
  });

  test("a folder with other files is refused, what a killed export left is not", async () => {
    const folder = await newFolder();
    await writeFile(join(folder, "notes.txt"), "");
    await expect(copy(logOf([]), requestOf(folder))).rejects.toThrow("holds notes.txt: choose an empty folder");
    await rm(join(folder, "notes.txt"));
    await writeFile(join(folder, "export.progress"), '{"manifest":1');
    expect(await copy(logOf([]), requestOf(folder))).toMatchObject({ events: 0 });
    expect((await readdir(folder)).sort()).toEqual(["manifest.json"]);
  });

  test("a folder has one export at a time, by whatever path", async () => {
    const log = logOf(someDays());
    const [real, folder] = [join(await newFolder(), "real"), join(await newFolder(), "link")];
    vi.stubEnv("PSEUDONYM_KEYS", `k1:${Buffer.alloc(32, 7).toString("base64")}`);
    const parts = { eventStore: log.store, pool, logger: createLogger("test", "silent") } as CliParts;
    const all = { from: undefined, to: undefined, since: undefined, types: undefined, books: undefined };
    const asked = { ...all, readers: undefined, format: undefined, folder, by: undefined, identitiesReason: undefined };
    const second = () => exportEvents(parts, asked, "li", quiet);
    try {
      await withLockedFolder(pool, real, async () => {
        await symlink(real, folder);
        await expect(second()).rejects.toThrow("another export writes into");
      });
      expect(await second()).toMatchObject({ events: 305 });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  const day = (text: string) => ({ text, moment: { kind: "day" as const, day: text } });
  const beyond = (by: bigint) => (end: bigint) => {
    const position = end + by;
    return { text: `${position}`, moment: { kind: "position" as const, position } };
  };
  test.each([
    ["today", () => day("2026-11-03")],
    ["far beyond the end of the log", beyond(99_999_999n)],
    ["beyond the end of the log, which passes it meanwhile,", beyond(1n)],
  ])("one up to %s goes on after more events came, with the positions with which it began", async (_, endingAt) => {
    const log = logOf(someDays());
    const to = endingAt(log.events.at(-1)?.position ?? 0n);
    vi.stubEnv("PSEUDONYM_KEYS", `k1:${Buffer.alloc(32, 7).toString("base64")}`);
    const parts = { eventStore: log.store, pool, logger: createLogger("test", "silent") } as CliParts;
    const folder = await newFolder();
    const request = {
      since: undefined,
      types: undefined,
      books: undefined,
      readers: undefined,
      format: "csv",
    } as const;
    const asked = { ...request, folder, by: undefined, identitiesReason: undefined };
    const period = { from: day("2026-11-02"), to };
    const stop = new AbortController();
    const onProgress: ExportOptions["onProgress"] = ({ events }) => {
      if (events > 60) stop.abort(new Error("interrupted"));
    };
    const first = exportEvents(parts, { ...asked, ...period }, "li", { ...quiet, onProgress, signal: stop.signal });
    try {
      await expect(first).rejects.toThrow("interrupted");
      const [reader] = readerIds;
      const last = log.events.at(-1);
      log.append([`progress-${reader}`, progressed({ bookId: "hongloumeng0", readAt: time(9_000) }), time(3_100)]);
      for (const other of [
        { from: day("2026-11-01"), to: period.to },
        { from: period.from, to: day("2026-11-04") },
      ])
        await expect(exportEvents(parts, { ...asked, ...other }, "li", quiet)).rejects.toThrow("holds another export");
      const manifest = await exportEvents(parts, { ...asked, ...period }, "li", quiet);
      expect(manifest.range).toMatchObject({
        upTo: `${last?.position}`,
        askedFrom: "2026-11-02",
        askedTo: to.text,
      });
      expect((await rowsOf(folder, manifest)).at(-1)?.position).toBe(`${last?.position}`);
      // Now that it is complete, it is not mistaken for one with later events.
      await expect(exportEvents(parts, { ...asked, ...period }, "li", quiet)).rejects.toThrow(
        `holds an export that was made before ${to.text} was over`,
      );
      const over = { ...asked, folder: await newFolder(), from: day("2026-11-01"), to: day("2026-11-02") };
      const whole = await exportEvents(parts, over, "li", quiet);
      expect(await exportEvents(parts, over, "li", quiet)).toEqual(whole);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("one that is given up while a day is looked for makes nothing", async () => {
    const log = logOf(someDays());
    vi.stubEnv("PSEUDONYM_KEYS", `k1:${Buffer.alloc(32, 7).toString("base64")}`);
    const parts = { eventStore: log.store, pool, logger: createLogger("test", "silent") } as CliParts;
    const folder = await newFolder();
    const asked = {
      since: undefined,
      types: undefined,
      books: undefined,
      readers: undefined,
      format: undefined,
      folder,
    };
    const to = { text: "2026-11-03", moment: { kind: "day" as const, day: "2026-11-03" } };
    const stop = new AbortController();
    const onSearchProgress = () => stop.abort(new Error("interrupted"));
    const by = { by: undefined, identitiesReason: undefined };
    const options = { ...quiet, signal: stop.signal, onSearchProgress };
    try {
      const given = exportEvents(parts, { ...asked, ...by, from: undefined, to }, "li", options);
      await expect(given).rejects.toThrow("interrupted");
      expect([log.reads(), await readdir(folder)]).toEqual([1, []]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("nothing to copy is a whole copy too", async () => {
    const folder = await newFolder();
    expect(await copy(logOf([]), requestOf(folder))).toMatchObject({ events: 0, files: [] });
  });
});
