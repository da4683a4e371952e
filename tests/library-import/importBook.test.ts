import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createHandleCommand } from "../../src/commands/handleCommand.ts";
import { restoreBook, withdrawBook } from "../../src/commands/library/withdrawBook.ts";
import { ownContext } from "../../src/commands/ownContext.ts";
import type { HandleCommand } from "../../src/commands/types.ts";
import type { LibraryEvent } from "../../src/domain/library/events.ts";
import { connectEventStore } from "../../src/event-store/connect.ts";
import type { EventStore } from "../../src/event-store/types.ts";
import { sha256 } from "../../src/library-import/ids.ts";
import { hiddenWarnings, type ImportDependencies, importBook } from "../../src/library-import/importBook.ts";
import type { ParsedBook } from "../../src/library-import/parsedBook.ts";
import { importDependencies } from "../../src/main/importDependencies.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { freshDatabase } from "../support/database.ts";
import { freshEventStore } from "../support/eventStore.ts";

const logger = createLogger("tests", "error");
const closing: (() => Promise<unknown>)[] = [];
let eventStore: EventStore;
let pool: Pool;

beforeAll(async () => {
  const [store, database] = await Promise.all([freshEventStore(), freshDatabase()]);
  eventStore = connectEventStore({ url: store.url, logger });
  pool = createPool({ url: database.url, max: 2, service: "tests", logger });
  closing.push(
    () => Promise.all([eventStore.close(), pool.end()]),
    () => Promise.all([store.stop(), database.drop()]),
  );
});
afterAll(async () => {
  for (const close of closing) await close();
});

/** Each test has a book of its own. */
let bookId: string;
beforeEach(() => {
  bookId = randomBytes(6).toString("hex");
});

/** The dependencies of an importing process: its own cache, as after a restart. */
function importer(wrap: (handle: HandleCommand) => HandleCommand = (handle) => handle): ImportDependencies {
  return importDependencies(pool, wrap(createHandleCommand({ eventStore, logger })), eventStore);
}

function novel(texts: readonly string[]): ParsedBook {
  return {
    title: "灯",
    author: "某人",
    intro: "一盏灯。",
    channel: "female",
    category: "童话",
    status: "serialising",
    chapters: texts.map((text, index) => ({
      no: index + 1,
      title: `第${index + 1}章`,
      volume: null,
      kind: "chapter",
      text,
    })),
  };
}

async function history(): Promise<LibraryEvent[]> {
  const events: LibraryEvent[] = [];
  for await (const { type, data } of eventStore.readStream(`book-${bookId}`)) {
    events.push({ type, data } as LibraryEvent);
  }
  return events;
}

async function published() {
  return (await history()).flatMap((event) => (event.type === "ChaptersPublished" ? [event.data] : []));
}

const texts = (count: number) => Array.from({ length: count }, (_, index) => `　　第 ${index + 1} 段 ${bookId}。`);

test("a book is catalogued, its chapters published, its edition completed, in this order and no more", async () => {
  const text = `　　夜里，${bookId}\n　　𠮷。`;
  const result = await importBook(importer(), novel([text, ""]), { bookId });
  const [catalogued, chapters, book, ...more] = await history();
  expect(more).toEqual([]);
  expect(catalogued).toEqual({
    type: "BookCatalogued",
    data: {
      source: { name: "txt", id: "灯/某人" },
      title: "灯",
      author: "某人",
      intro: "一盏灯。",
      channel: "female",
      category: "童话",
      subCategory: null,
      status: "serialising",
      words: null,
      cover: null,
    },
  });
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
  const totals = { chapters: 2, words: 17 };
  const chapterId = expect.stringMatching(/^[a-z0-9]{12}$/);
  const facts = { volume: null, kind: "chapter", chapterId };
  expect(chapters).toEqual({
    type: "ChaptersPublished",
    data: {
      edition: 1,
      digest,
      chapters: [
        // 𠮷 is one word and two UTF-16 units; the line end and the four spaces are units and no words.
        { ...facts, no: 1, title: "第1章", sha256: sha256(text), length: 23, words: 17 },
        { ...facts, no: 2, title: "第2章", sha256: sha256(""), length: 0, words: 0 },
      ],
      totals,
    },
  });
  expect(book).toEqual({
    type: "BookPublished",
    data: { edition: 1, digest, totals, replaces: 0, chaptersBefore: 0, changed: [{ from: 1, to: 2 }] },
  });
  expect(result).toMatchObject({ bookId, title: "灯", author: "某人", chapters: 2, words: 17 });
  expect(result.events).toEqual(["BookCatalogued", "ChaptersPublished", "BookPublished"]);
});

test("the texts lie in content by their hash, with their length in UTF-16 units", async () => {
  const text = `　　夜里，𠮷。${bookId}`;
  expect(await importBook(importer(), novel([text, text]), { bookId })).toMatchObject({ textsStored: 1 });
  const stored = await pool.query("SELECT text, length FROM content WHERE sha256 = $1", [sha256(text)]);
  expect(stored.rows).toEqual([{ text, length: text.length }]);
});

test("the same import again, also from another process, writes nothing", async () => {
  const deps = importer();
  await importBook(deps, novel(texts(3)), { bookId });
  const before = await history();
  for (const again of [deps, importer()]) {
    expect(await importBook(again, novel(texts(3)), { bookId })).toMatchObject({ textsStored: 0, events: [] });
  }
  expect(await history()).toEqual(before);
});

test("a changed chapter makes the next edition, which carries that chapter alone, under its id", async () => {
  const changed = texts(3).with(1, "　　改过了。");
  await importBook(importer(), novel(texts(3)), { bookId });
  const result = await importBook(importer(), novel(changed), { bookId });
  expect(result.events).toEqual(["ChaptersPublished", "BookPublished"]);
  const [first, second] = await published();
  expect(second?.edition).toBe(2);
  expect(second?.chapters).toEqual([{ ...first?.chapters[1], sha256: sha256("　　改过了。"), length: 6, words: 4 }]);
  expect(second?.digest).not.toBe(first?.digest);
});

test("what the importer says goes before what the file says, and what none says has a default", async () => {
  const silent = {
    ...novel(["　　正文。"]),
    author: undefined,
    intro: undefined,
    channel: undefined,
    status: undefined,
  };
  await importBook(importer(), silent, { bookId, title: "另名", category: "科幻" });
  expect((await history())[0]?.data).toMatchObject({
    source: { name: "txt", id: "另名/佚名" },
    title: "另名",
    author: "佚名",
    intro: "",
    channel: "published",
    category: "科幻",
    status: "finished",
  });
});

test("1,200 chapters are published in three events of 500, 500 and 200, and counted as they go", async () => {
  const steps: [number, number][] = [];
  const onProgress = (done: number, total: number) => steps.push([done, total]);
  await importBook(importer(), novel(texts(1200)), { bookId, onProgress });
  const events = await published();
  expect(events.map(({ chapters }) => chapters.length)).toEqual([500, 500, 200]);
  expect(events.map(({ totals }) => totals.chapters)).toEqual([500, 1000, 1200]);
  expect(events.flatMap(({ chapters }) => chapters.map(({ no }) => no))).toEqual(
    Array.from({ length: 1200 }, (_, index) => index + 1),
  );
  expect(steps.at(-1)).toEqual([2400, 2400]);
  expect(steps.map(([done]) => done)).toEqual([...steps.map(([done]) => done)].sort((a, b) => a - b));
});

test.each([1, 2, 3, 4])("an import that dies after its command %i is mended by running it again", async (last) => {
  let commands = 0;
  const dying = importer((handle) => async (...command) => {
    const result = await handle(...command);
    commands += 1;
    // The first only compares the book with the stored one.
    if (commands === last + 1) throw new Error("died");
    return result;
  });
  const book = novel(texts(1200));
  await expect(importBook(dying, book, { bookId })).rejects.toThrow("died");
  const written = last < 4 ? last : 5;
  expect(await history()).toHaveLength(written);
  expect((await importBook(importer(), book, { bookId })).events).toHaveLength(5 - written);
  expect((await history()).map(({ type }) => type)).toEqual([
    "BookCatalogued",
    "ChaptersPublished",
    "ChaptersPublished",
    "ChaptersPublished",
    "BookPublished",
  ]);
});

test("texts are there before any event names them", async () => {
  const broken: ImportDependencies = { ...importer(), storeTexts: () => Promise.reject(new Error("Postgres is away")) };
  await expect(importBook(broken, novel(texts(1)), { bookId })).rejects.toThrow("Postgres is away");
  expect(await history()).toEqual([]);
});

test("two imports of one book at once write it once", async () => {
  const book = novel(texts(1200));
  await Promise.all([importBook(importer(), book, { bookId }), importBook(importer(), book, { bookId })]);
  const events = await history();
  expect(events.map(({ type }) => type)).toEqual([
    "BookCatalogued",
    "ChaptersPublished",
    "ChaptersPublished",
    "ChaptersPublished",
    "BookPublished",
  ]);
});

/** An importer that runs `meanwhile` before its first command of this type. */
function overtaken(before: string, meanwhile: () => Promise<unknown>): ImportDependencies {
  let isOvertaken = false;
  return importer((handle) => async (stream, id, command, context) => {
    if ((command as { type: string }).type === before && !isOvertaken) {
      isOvertaken = true;
      await meanwhile();
    }
    return handle(stream, id, command, context);
  });
}

const others = (count: number) => Array.from({ length: count }, (_, index) => `　　别的 ${index} ${bookId}。`);

test.each(["CompareEdition", "CatalogueBook", "PublishEdition"])(
  "another book that is published before the command %s of an import is not replaced",
  async (before) => {
    const other = { ...novel(others(1200)), intro: "另一本。" };
    const deps = overtaken(before, () => importBook(importer(), other, { bookId }));
    await expect(importBook(deps, novel(texts(1200)), { bookId })).rejects.toMatchObject({
      name: "NeedsDecision",
      option: "--replace",
      replaces: { [bookId]: 1 },
    });
    expect((await history()).filter(({ type }) => type === "BookPublished")).toHaveLength(1);
    const [last] = (await history()).flatMap(({ type, data }) => (type === "BookCatalogued" ? [data] : [])).slice(-1);
    expect(last).toMatchObject({ intro: "另一本。" });
  },
);

test("two books at once do not replace each other, and one of them needs a decision", async () => {
  const books = [novel(texts(1200)), novel(others(1200))];
  const results = await Promise.allSettled(books.map((book) => importBook(importer(), book, { bookId })));
  expect((await history()).filter(({ type }) => type === "BookPublished")).toHaveLength(1);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("an edition that comes meanwhile is continued", async () => {
  const deps = overtaken("PublishEdition", () => importBook(importer(), novel(texts(3)), { bookId }));
  await importBook(deps, novel(texts(4)), { bookId });
  const publications = (await history()).flatMap((event) => (event.type === "BookPublished" ? [event.data] : []));
  expect(publications.map(({ replaces, totals }) => [replaces, totals.chapters])).toEqual([
    [0, 3],
    [1, 4],
  ]);
});

test("what an operator has seen is replaced, and no later edition", async () => {
  await importBook(importer(), novel(texts(3)), { bookId });
  const seen = { [bookId]: 1 };
  await importBook(importer(), novel(texts(4)), { bookId });
  const other = novel(others(4));
  const account = { read: 100, kept: 50, rule: "第…章", warnings: ["only a half"] };
  await expect(importBook(importer(), { ...other, account }, { bookId, replace: seen })).rejects.toMatchObject({
    message: expect.stringMatching(/^only a half\. Book .* is another one: /),
    option: "--force --replace",
    replaces: { [bookId]: 2 },
  });
  const accepted = { bookId, force: true, replace: { [bookId]: 2 } };
  expect((await importBook(importer(), { ...other, account }, accepted)).events).toContain("BookPublished");
});

test.each([
  [undefined, "finished"],
  ["serialising", "serialising"],
] as const)("a book that was catalogued with the status %s before its text came is %s", async (status, expected) => {
  await importBook(importer(), { ...novel([]), status }, { bookId });
  await importBook(importer(), { ...novel(texts(1)), status: undefined }, { bookId });
  const catalogued = (await history()).filter(({ type }) => type === "BookCatalogued");
  expect(catalogued).toMatchObject([{ data: { status: expected } }]);
});

describe("a book that is there keeps", () => {
  const cover = { bytes: Uint8Array.of(1), contentType: "image/png" };
  const catalogue = async () =>
    (await history()).flatMap((event) => (event.type === "BookCatalogued" ? [event.data] : [])).at(-1);

  test("what neither the file nor the options say", async () => {
    await importBook(importer(), { ...novel(texts(3)), cover }, { bookId, category: "玄幻", channel: "male" });
    const before = await catalogue();
    const silent = { intro: undefined, channel: undefined, category: undefined, status: undefined };
    const corrected = { ...novel(texts(4)), ...silent };
    expect((await importBook(importer(), corrected, { bookId })).events).toEqual([
      "ChaptersPublished",
      "BookPublished",
    ]);
    expect(before).toMatchObject({ category: "玄幻", channel: "male", cover: { sha256: expect.any(String) } });
    await importBook(importer(), { ...corrected, title: "灯下", intro: "新。" }, { bookId });
    expect(await catalogue()).toEqual({ ...before, title: "灯下", intro: "新。" });
    await importBook(importer(), corrected, { bookId, category: "童话" });
    expect(await catalogue()).toMatchObject({ category: "童话", channel: "male" });
  });

  test("what the options of its own file said, until others say otherwise", async () => {
    const fileSha256 = sha256(bookId);
    const file = { ...novel(texts(3)), fileSha256 };
    await importBook(importer(), file, { bookId, title: "另名", author: "另人", category: "科幻", channel: "male" });
    const before = await catalogue();
    expect(await importBook(importer(), file)).toMatchObject({ bookId, events: [] });
    await importBook(importer(), file, { title: "又名" });
    expect(await catalogue()).toEqual({ ...before, title: "又名" });
    await importBook(importer(), { ...file, fileSha256: sha256(`${bookId}, corrected`) }, { bookId });
    expect(await catalogue()).toMatchObject({ title: "灯", author: "某人", category: "童话" });
  });
});

test("an import of a withdrawn book says so, with text or without, and leaves it withdrawn", async () => {
  const handleCommand = createHandleCommand({ eventStore, logger });
  const deps = importer();
  expect(await importBook(deps, novel(texts(3)), { bookId })).toMatchObject({ withdrawn: false });
  await withdrawBook({ handleCommand }, { bookId, reason: "" }, ownContext({}));
  const result = await importBook(importer(), novel(texts(3)), { bookId });
  expect(result).toMatchObject({ events: [], withdrawn: true });
  expect(hiddenWarnings(result)).toEqual([expect.stringContaining(`\`heima library restore ${bookId}\``)]);
  expect(await importBook(deps, novel(texts(4)), { bookId })).toMatchObject({ withdrawn: true });
  expect(await importBook(deps, { ...novel([]), intro: "新。" }, { bookId })).toMatchObject({ withdrawn: true });
  expect(await importBook(importer(), novel([]), { bookId })).toMatchObject({ withdrawn: true });
  await restoreBook({ handleCommand }, { bookId }, ownContext({}));
  expect(await importBook(deps, novel([]), { bookId })).toMatchObject({ withdrawn: false });
  const other = randomBytes(6).toString("hex");
  expect(await importBook(deps, novel([]), { bookId: other })).toMatchObject({ withdrawn: false });
});
