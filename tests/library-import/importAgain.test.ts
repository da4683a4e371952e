import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPublishedChapters } from "../../src/commands/library/publishedChapters.ts";
import type { CataloguedBook } from "../../src/domain/library/events.ts";
import { bookIdOf } from "../../src/library-import/ids.ts";
import { type ImportOptions, importBook } from "../../src/library-import/importBook.ts";
import type { CategoryMapping } from "../../src/library-import/jsonl/categories.ts";
import type { ReadOptions } from "../../src/library-import/readBooks.ts";
import { importDependencies } from "../../src/main/importDependencies.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { newProcess } from "../commands/fixtures.ts";
import { inMemoryEventStore } from "../commands/inMemoryEventStore.ts";
import { freshDatabase } from "../support/database.ts";
import { bookFolder, booksOf, epubFile, xhtml } from "./bookFiles.ts";

// Properties that the file of a catalogued book lacks stay unchanged.

const folder = bookFolder();
const logger = createLogger("tests", "silent");
const store = inMemoryEventStore();
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, logger);
  pool = createPool({ url: database.url, max: 2, service: "tests", logger });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** The key of the test's own book. */
let key: string;
beforeEach(() => {
  key = randomBytes(6).toString("hex");
});

/** Imports the only book of a file of this name. */
async function importFile(name: string, content: string | Uint8Array, options: ImportOptions & ReadOptions = {}) {
  const [book] = await booksOf(await folder.write(name, content), options);
  return importBook(importDependencies(pool, newProcess(store), store), book!, options);
}

function catalogued(bookId: string): CataloguedBook | undefined {
  const events = store.eventsOf(`book-${bookId}`).filter(({ type }) => type === "BookCatalogued");
  return events.at(-1)?.data as CataloguedBook | undefined;
}

describe("a line of a catalogue", () => {
  const source = () => ({ name: "qidian", id: key });
  const importLine = async (line: object, options?: ImportOptions & ReadOptions) => {
    const all = { id: key, title: "灯", url: "https://www.qidian.com/1", ...line };
    await importFile("books.jsonl", JSON.stringify(all), options);
    return catalogued(options?.bookId ?? bookIdOf(source()));
  };
  const fantasy = { category: "玄幻", subCategory: "东方玄幻" };
  const mapping: CategoryMapping = {
    qidian: {
      新类: { channel: "female", category: "言情", subCategory: null },
      "*": { channel: "female", category: "杂" },
    },
  };

  test("without a category leaves the book in its own", async () => {
    const before = await importLine({ ...fantasy, status: "连载" });
    expect(before).toMatchObject({ channel: "male", ...fantasy, status: "serialising" });
    expect(await importLine({ status: "完结" })).toEqual({ ...before, status: "finished" });
    expect(await importLine({ status: "完结" }, { mapping })).toEqual({ ...before, status: "finished" });
  });

  test("whose category has no target any more leaves the book where the mapping put it", async () => {
    const before = await importLine({ category: "新类", subCategory: "甲" }, { mapping });
    expect(before).toMatchObject({ channel: "female", category: "言情", subCategory: null });
    expect(await importLine({ category: "新类", subCategory: "甲" })).toEqual(before);
    expect(await importLine({ category: "新类", subCategory: "甲" }, { mapping: {} })).toEqual(before);
  });

  test("puts a new book where the star of its source says, but in the channel that it says itself", async () => {
    const star = { channel: "female", category: "杂", subCategory: null };
    expect(await importLine({ category: "别类", subCategory: "甲" }, { mapping })).toMatchObject(star);
    key += "1";
    expect(await importLine({ channel: "男频" }, { mapping })).toMatchObject({ ...star, channel: "male" });
    key += "2";
    expect(await importLine({})).toMatchObject({ channel: "male", category: "其他" });
    key += "3";
    expect(await importLine({}, { mapping: {} })).toMatchObject({ channel: "published", category: "其他" });
  });

  test("whose category only the star places leaves the book in its channel, whichever the line says", async () => {
    const before = await importLine({ category: "新类" }, { mapping });
    expect(before).toMatchObject({ channel: "female", category: "言情" });
    for (const line of [{ category: "别类", channel: "男频" }, { channel: "男频" }])
      expect(await importLine(line, { mapping })).toEqual(before);
    const unmapped = await importLine({ channel: "男频" }, { mapping: {} });
    expect(unmapped).toEqual({ ...before, channel: "male" });
  });

  test("without a sub-category leaves the book in its own, unless the category is another one", async () => {
    const before = await importLine(fantasy);
    expect(await importLine({ category: "玄幻" })).toEqual(before);
    expect(await importLine({}, { category: "玄幻" })).toEqual(before);
    expect(await importLine({ category: "仙侠" })).toEqual({ ...before, category: "仙侠", subCategory: null });
    const none = { qidian: { 玄幻: { channel: "male", category: "玄幻", subCategory: null } } } as const;
    await importLine(fantasy);
    expect(await importLine(fantasy, { mapping: none })).toEqual({ ...before, subCategory: null });
  });

  test("without a URL does not say of which source the book is", async () => {
    const before = await importLine({});
    expect(before).toMatchObject({ source: source() });
    const unnamed = { id: 1, url: undefined };
    const bookId = bookIdOf(source());
    expect(await importLine(unnamed, { bookId })).toEqual(before);
    expect(await importLine(unnamed, { bookId, source: "s" })).toEqual({ ...before, source: { name: "s", id: "1" } });
  });

  test("with a classic does not say that the book is finished", async () => {
    const bookId = bookIdOf({ name: "classics", id: key });
    const before = await importLine({ key, id: undefined, url: undefined, status: "连载" }, { bookId });
    expect(before).toMatchObject({ status: "serialising", source: { name: "classics", id: key } });
    expect(await importLine({ key, id: undefined, url: undefined }, { bookId })).toEqual(before);
  });

  test("of an unknown title renames no book", async () => {
    const before = await importLine({});
    expect(await importLine({ title: "未命名" })).toEqual(before);
  });

  test.each(["佚名", "未知", "unknown"])("by %s does not say who wrote the book", async (author) => {
    const before = await importLine({ author: "林深" });
    expect(await importLine({ author })).toEqual(before);
    expect(await importLine({}, { author })).toEqual({ ...before, author });
    key += "1";
    expect(await importLine({ author })).toMatchObject({ author });
  });
});

const novel = (front: string, end = "") =>
  `${front}\n第一章 风起\n　　${`${key}正文。`.repeat(20)}\n第二章 云涌\n　　${`又${key}。`.repeat(20)}${end}\n`;
const epub = (metadata: string, end = "") =>
  epubFile(
    `<metadata>${metadata}</metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine>`,
    { "a.xhtml": xhtml(`<h1>第一章</h1><p>${`${key}正文。`.repeat(20)}${end}</p>`) },
  );
const texts = (book: object, end = "") =>
  [1, 2]
    .map((no) =>
      JSON.stringify({ ...book, index: no, title: `第${no}回`, content: `${`${key}${no}。`.repeat(20)}${end}` }),
    )
    .join("\n");

describe("the name of a file", () => {
  test.each([
    ["TXT", () => novel("《灯》\n作者：林深\n"), () => novel("", "改。")],
    ["TXT with a line that may be a title", () => novel("《灯》\n作者：林深\n"), () => novel("第二次校对\n", "改。")],
    ["EPUB", () => epub("<title>灯</title><creator>林深</creator>"), () => epub("<title>未知</title>", "改。")],
    ["JSON Lines", () => texts({ book: "灯" }), () => texts({}, "改。")],
  ])("renames no catalogued book: %s", async (_, first, corrected) => {
    const { bookId } = await importFile("upload", first(), { bookId: key });
    const before = catalogued(bookId);
    expect(before).toMatchObject({ title: "灯" });
    for (const name of ["upload", "《雪夜书》作者：王冰"]) {
      const { events } = await importFile(name, corrected(), { bookId, replace: true });
      expect(events).not.toContain("BookCatalogued");
      expect(catalogued(bookId)).toEqual(before);
    }
    await importFile("upload", corrected(), { bookId, title: "灯下录" });
    expect(catalogued(bookId)).toEqual({ ...before, title: "灯下录" });
  });

  test.each([
    ["TXT", () => novel("")],
    ["EPUB", () => epub("<title>未知</title>")],
  ])("is title and author of a new book, and makes its id: %s", async (_, file) => {
    const name = `《雪夜${key}》作者：林深`;
    const { bookId } = await importFile(`${name}.txt`, file());
    expect(catalogued(bookId)).toMatchObject({ title: `雪夜${key}`, author: "林深" });
    expect(bookId).toBe(bookIdOf({ name: "txt", id: `雪夜${key}/林深` }));
    expect(await importFile(`${name}.txt`, file())).toMatchObject({ bookId, events: [] });
    await pool.query("DELETE FROM library_files WHERE book_id = $1", [bookId]);
    expect(await importFile(`${name}.txt`, file())).toMatchObject({ bookId, events: [] });
  });

  test("gives way to what a corrected file says itself", async () => {
    const { bookId } = await importFile("upload", novel(""), { bookId: key });
    expect(catalogued(bookId)).toMatchObject({ title: "upload", author: "佚名" });
    await importFile("upload", novel("灯下录\n作者：林深\n"), { bookId });
    expect(catalogued(bookId)).toMatchObject({ title: "灯下录", author: "林深" });
  });
});

describe("a file of texts", () => {
  const bodies = () => ["甲", "乙", "丙", "丁"].map((name) => `　　${`${key}${name}。`.repeat(20)}`);
  const titles = ["第一章 风起", "第二章 云涌", "第一章 雪落", "第二章 天晴"];
  const inVolumes = (body: string, index: number) =>
    `${["第一卷 上\n", "", "第二卷 下\n", ""][index]}${titles[index]}\n${body}\n`;
  const lines = (texts: readonly string[], title: (index: number) => string | undefined) =>
    texts.map((content, index) => JSON.stringify({ book: "灯", title: title(index), content })).join("\n");
  const importTexts = (content: string) => importFile("灯.jsonl", content, { bookId: key });
  const readers = () =>
    createPublishedChapters(store)(key).then(({ chapters }) => chapters.map(({ title, volume }) => [title, volume]));

  test("without volumes and titles leaves those that a TXT gave the chapters", async () => {
    await importFile("灯.txt", bodies().map(inVolumes).join(""), { bookId: key });
    const before = titles.map((title, index) => [title, index < 2 ? "第一卷 上" : "第二卷 下"]);
    expect(await readers()).toEqual(before);
    for (const title of [(index: number) => titles[index], () => undefined])
      expect((await importTexts(lines(bodies(), title))).events).toEqual([]);

    const corrected = bodies().with(1, `　　${`${key}改。`.repeat(20)}`);
    const { events } = await importTexts(lines(corrected, (index) => (index === 3 ? "第二章 天明" : undefined)));
    expect(events).toEqual(["ChaptersPublished", "BookPublished"]);
    const after = [...before.slice(0, 3), ["第二章 天明", "第二卷 下"]];
    expect(await readers()).toEqual(after);
    expect((await importTexts(lines(corrected, () => undefined))).events).toEqual([]);
  });

  test("without a text leaves the one that is published, also where a chapter has come before it", async () => {
    const line = (content: string | null | undefined, title?: string) => JSON.stringify({ book: "灯", title, content });
    await importTexts(
      bodies()
        .map((body, index) => line(body, titles[index]))
        .join("\n"),
    );
    const before = (await createPublishedChapters(store)(key)).chapters;
    const silent = [line(bodies()[0], titles[0]), line(null, titles[1]), line(undefined, titles[2]), line(bodies()[3])];
    expect((await importTexts(silent.join("\n"))).events).toEqual([]);

    const more = [line("　　新。", "序"), ...silent.slice(0, 3), line(null)];
    expect((await importTexts(more.join("\n"))).textsStored).toBe(1);
    const after = (await createPublishedChapters(store)(key)).chapters;
    expect(after.slice(1)).toEqual(before.map((chapter) => ({ ...chapter, no: chapter.no + 1 })));
    expect((await importTexts([line(null, "新的"), ...more].join("\n"))).account?.warnings).toEqual([
      "4 chapters are without text in the file: 新的; 第二章 云涌; 第一章 雪落; …",
    ]);
  });

  test("that is right again after an older one brings chapters back as they were, with ids, titles and volumes", async () => {
    await importFile("灯.txt", bodies().map(inVolumes).join(""), { bookId: key });
    const before = (await createPublishedChapters(store)(key)).chapters;
    await importTexts(lines(bodies().slice(0, 2), () => undefined));
    expect((await createPublishedChapters(store)(key)).chapters).toEqual(before.slice(0, 2));
    await importTexts(lines(bodies(), () => undefined));
    expect((await createPublishedChapters(store)(key)).chapters).toEqual(before);
  });

  test("numbers the chapters of a new book that it gives no titles", async () => {
    await importTexts(lines(bodies(), () => undefined));
    expect(await readers()).toEqual([1, 2, 3, 4].map((no) => [`第${no}章`, null]));
    await importTexts(lines(["　　先。", ...bodies()], () => undefined));
    expect(await readers()).toEqual([1, 2, 3, 4, 5].map((no) => [`第${no}章`, null]));
  });
});
