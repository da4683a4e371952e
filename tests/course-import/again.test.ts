import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { StreamDeleted } from "../../src/commands/errors.ts";
import { accountStream } from "../../src/domain/account/stream.ts";
import { historyStream } from "../../src/domain/history/stream.ts";
import { defaultSettings } from "../../src/domain/preferences/defaults.ts";
import { preferencesStream } from "../../src/domain/preferences/stream.ts";
import { sha256 } from "../../src/library-import/ids.ts";
import { storedAccount } from "../../src/queries/account/storedAccount.ts";
import { bookIdOf as bookNamed, chapterIdOf } from "../../src/queries/course/ids.ts";
import { newContext, newProcess, reader } from "../commands/fixtures.ts";
import type { TableRows } from "./tables.ts";
import { ourBook, startWorld } from "./world.ts";

// Imports into a library and for readers that already have data.

let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => world.empty());

const textOf = (id: number) => `${id}`.repeat(300);

/** A course with a book of six chapters, texts of `texts`, and a book without chapters; `of` changes a text. */
function course(texts: readonly number[], of: (id: number) => string | null = textOf): TableRows {
  return {
    user: [{ id: 7, openId: "o-lin", preference: 2, brightness: 55, last_read: null }],
    book_big_category: [{ cate_id: 1, cate_name: "玄幻", channel: 1 }],
    book_category: [{ cate_id: 11, cate_name: "东方玄幻" }],
    book_category_relation: [{ big_cate_id: 1, cate_id: 11 }],
    book: [
      { book_id: 17, book_name: "灯", cate_id: 11, cate_name: "东方玄幻", cover: "17.jpg", intro: "一盏灯。" },
      { book_id: 18, book_name: "雪", cate_id: 11, cate_name: "东方玄幻", cover: null, intro: null },
    ],
    book_chapters: [1, 2, 3, 4, 5, 6].map((id) => ({ book_id: 17, chapter_id: id, chapter_name: `第${id}章` })),
    book_chapter_content: texts.map((id) => ({ book_id: 17, chapter_id: id, content: of(id) })),
    book_shelf: [{ id: 1, user_id: 7, book_id: 18, created: "2020-01-01 00:00:00" }],
    browse_history: [
      { id: 1, user_id: 7, book_id: 17, updated: "2020-01-02 00:00:00" },
      { id: 2, user_id: 7, book_id: 18, updated: "2020-01-03 00:00:00" },
    ],
  };
}
const all = [1, 2, 3, 4, 5, 6];

type Chapter = { readonly no: number; readonly title: string; readonly volume: string | null; readonly sha256: string };
/** The published chapters of book 17. */
function publishedChapters(): readonly Chapter[] {
  const chapters: Chapter[] = [];
  for (const { type, data } of world.eventsOf(`book-${ourBook(17)}`))
    if (type === "ChaptersPublished")
      for (const chapter of (data as { readonly chapters: readonly Chapter[] }).chapters)
        chapters[chapter.no - 1] = chapter;
  return chapters;
}
/** The SHA-256 of the text of each. */
const published = () => publishedChapters().map(({ sha256 }) => sha256);
const shasOf = (ids: readonly number[]) => ids.map((id) => sha256(textOf(id)));

describe("a book that is there", () => {
  test("is left as it is if much of its text went with elements, unless replaced", async () => {
    await world.import(course(all));
    const before = world.eventsOf(`book-${ourBook(17)}`);
    const hiding = course(
      all,
      (id) => `${textOf(id)}<script>var ad = "${"a".repeat(1_000)}${"请".repeat(200)}"</script>`,
    );
    const { leftOut } = await world.import(hiding);
    expect(leftOut.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^needs a decision: only 60\.0 % of the text is in the book: .*\(--replace imports it/),
    ]);
    expect(world.eventsOf(`book-${ourBook(17)}`)).toEqual(before);
    expect((await world.import(hiding, { replace: true })).leftOut).toEqual([]);
  });

  test("keeps the texts of chapters that the files have no text of", async () => {
    await world.import(course(all));
    const before = world.store.log.length;
    for (const tables of [course([1, 2, 3]), course(all, (id) => (id > 3 ? null : textOf(id)))]) {
      const { leftOut, chaptersWithoutText } = await world.import(tables);
      expect({ leftOut, chaptersWithoutText }).toEqual({ leftOut: [], chaptersWithoutText: 3 });
    }
    const { book_chapter_content: _, ...without } = course(all);
    expect(await world.import(without)).toMatchObject({ leftOut: [], chaptersWithoutText: 6 });
    expect(world.store.log).toHaveLength(before);

    const emptied = await world.import(course([1, 2], (id) => (id === 1 ? "" : "改过。")));
    expect(emptied).toMatchObject({ leftOut: [], chaptersWithoutText: 4 });
    expect(published()).toEqual([sha256(""), sha256("改过。"), ...shasOf([3, 4, 5, 6])]);
  });

  test("gets the texts that the first import did not have", async () => {
    await world.import(course([]));
    expect(published()).toEqual(all.map(() => sha256("")));
    expect((await world.import(course(all))).leftOut).toEqual([]);
    expect(published()).toEqual(shasOf(all));
  });

  test("keeps the volumes and titles of chapters that the files do not tell", async () => {
    const volumes = [
      { book_id: 17, volume_id: 1, volume_name: "卷一" },
      { book_id: 17, volume_id: 2, volume_name: "卷二" },
    ];
    const inVolumes = (of: (id: number) => string | null, more: readonly number[] = []) => ({
      ...course(all),
      book_chapters: [...all, ...more].map((id) => ({
        book_id: 17,
        chapter_id: id,
        chapter_name: of(id),
        volume_id: id < 4 ? 1 : 2,
      })),
    });
    await world.import({ ...inVolumes((id) => `第${id}章 名${id}`), book_volume: volumes });
    const [before, chapters] = [world.store.log.length, publishedChapters()];
    expect(chapters.map(({ volume }) => volume)).toEqual(["卷一", "卷一", "卷一", "卷二", "卷二", "卷二"]);
    for (const tables of [
      inVolumes((id) => `第${id}章 名${id}`),
      { ...inVolumes((id) => (id === 2 ? null : `第${id}章 名${id}`)), book_volume: volumes.slice(1) },
    ])
      expect((await world.import(tables)).leftOut).toEqual([]);
    expect(world.store.log).toHaveLength(before);

    const renamed = [{ book_id: 17, volume_id: 2, volume_name: "下卷" }];
    await world.import({ ...inVolumes(() => null, [7]), book_volume: renamed });
    expect(publishedChapters().map(({ title, volume }) => [title, volume])).toEqual([
      ...chapters.slice(0, 3).map(({ title }) => [title, "卷一"]),
      ...chapters.slice(3).map(({ title }) => [title, "下卷"]),
      ["第7章", "下卷"],
    ]);
  });

  test("numbers chapters without a name anew when one comes before them", async () => {
    const nameless = (ids: readonly number[]) => ({
      ...course(ids),
      book_chapters: ids.map((id) => ({ book_id: 17, chapter_id: id, chapter_name: null })),
    });
    await world.import(nameless([2, 3, 4]));
    await world.import(nameless([1, 2, 3, 4]));
    expect(publishedChapters().map(({ title }) => title)).toEqual(["第1章", "第2章", "第3章", "第4章"]);
  });

  test("keeps cover, category and introduction that the files do not tell", async () => {
    await world.import(course(all));
    const before = world.store.log.length;
    const { book_big_category: _1, book_category: _2, ...fewer } = course(all);
    const silent = (fewer.book ?? []).map((book) => ({ ...book, intro: null }));
    const again = await world.import({ ...fewer, book: silent }, { coverBase: undefined });
    expect(again.tables.book).toMatchObject({ imported: 0, unchanged: 2 });
    expect(world.store.log).toHaveLength(before);
  });

  test("keeps its category if the files do not tell which of several first-level ones it is", async () => {
    const two = {
      book_big_category: [
        { cate_id: 2, cate_name: "言情", channel: 2 },
        { cate_id: 1, cate_name: "玄幻", channel: 1 },
      ],
      book_category_relation: [
        { big_cate_id: 2, cate_id: 11 },
        { big_cate_id: 1, cate_id: 11 },
      ],
    };
    const full: TableRows = { ...course(all), ...two };
    const books = (change: object) => (full.book ?? []).map((book) => ({ ...book, channel_type: 1, ...change }));
    await world.import({ ...full, book: books({}) });
    const before = world.store.log.length;
    expect(world.eventsOf(`book-${ourBook(17)}`)[0]?.data).toMatchObject({ channel: "male", category: "玄幻" });
    for (const fewer of [
      { book: books({ channel_type: null }) },
      { book: books({ cate_id: null }) },
      { book: books({}), book_big_category: two.book_big_category.slice(0, 1) },
      { book: books({}), book_category_relation: [{ big_cate_id: 9, cate_id: 11 }] },
    ])
      expect((await world.import({ ...full, ...fewer })).tables.book).toMatchObject({ imported: 0, unchanged: 2 });
    expect(world.store.log).toHaveLength(before);

    await world.empty();
    await world.import({ ...full, book: books({ channel_type: null }) });
    const placed = { channel: "female", category: "言情", subCategory: "东方玄幻" };
    expect(world.eventsOf(`book-${ourBook(17)}`)[0]?.data).toMatchObject(placed);

    await world.empty();
    await world.import({ ...full, book_category: [], book: books({ cate_name: "" }) });
    const ofItsChannel = { channel: "male", category: "玄幻", subCategory: null };
    expect(world.eventsOf(`book-${ourBook(17)}`)[0]?.data).toMatchObject(ofItsChannel);
  });

  test("that is told to be without a first-level category is in its own", async () => {
    await world.import(course(all));
    await world.import({ ...course(all), book_category_relation: [{ big_cate_id: 1, cate_id: 12 }] });
    expect(world.eventsOf(`book-${ourBook(17)}`).at(-1)?.data).toMatchObject({
      category: "东方玄幻",
      subCategory: null,
    });
  });

  test.each([
    ["with other texts", course(all, (id) => `别的${id}`), /Most chapters of 《灯》.* would be replaced/],
    ["with fewer chapters", { ...course(all), book_chapters: course(all).book_chapters!.slice(2) }, /only 4 of the 6/],
  ])("is left out %s, and all else is imported, unless it is to be replaced", async (_, tables, reason) => {
    await world.import(course(all));
    const before = published();
    const more = [...(tables.user ?? []), { id: 8, openId: "o-wang" }];
    const first = await world.import({ ...tables, user: more });
    const needs = expect.stringMatching(reason);
    expect(first.leftOut).toMatchObject([{ table: "book", line: 2, reason: needs }]);
    expect(first.leftOut[0]?.reason).toMatch(/--replace/);
    expect(first.leftOut[0]?.reason).not.toMatch(/give it an id/);
    expect(first.tables.user).toMatchObject({ imported: 1, unchanged: 1 });
    expect(published()).toEqual(before);
    const replaced = await world.import({ ...tables, user: more }, { replace: true });
    expect(replaced).toMatchObject({ leftOut: [], tables: { book: { imported: 1, unchanged: 1 } } });
  });

  test("no more, because it was erased, is left out, and all else is imported", async () => {
    const read = world.store.readStream.bind(world.store);
    world.store.readStream = (stream, options) => {
      if (stream === `book-${ourBook(17)}`) throw new StreamDeleted(stream);
      return read(stream, options);
    };
    const { leftOut, tables } = await world.import(course(all));
    const erased = { table: "book", line: 2, reason: "was erased for good" };
    expect(leftOut).toMatchObject([erased, { table: "browse_history", line: 2 }]);
    expect(tables.user).toMatchObject({ imported: 1 });
  });
});

describe("a reader who was there before", () => {
  const rows = async () => {
    await world.pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, 'o-lin', now())", [
      reader,
    ]);
    return newProcess(world.store);
  };
  const at = (day: number) => ({ ...newContext(), occurredAt: `2026-01-0${day}T00:00:00.000Z` });
  const open = (bookId: string, day: number) =>
    ({ type: "OpenBook", bookId, at: `2026-01-0${day}T00:00:00.000Z` }) as const;

  test("keeps the history in its order; older visits are named once", async () => {
    const handleCommand = await rows();
    await handleCommand(historyStream, reader, open(ourBook(18), 1), at(1));
    await handleCommand(historyStream, reader, open(ourBook(99), 2), at(2));
    const before = world.eventsOf(`history-${reader}`);
    const { leftOut } = await world.import(course(all));
    const reason = "is not later than what the reader's history has";
    expect(leftOut).toMatchObject([2, 3].map((line) => ({ table: "browse_history", line, reason })));
    expect(world.eventsOf(`history-${reader}`)).toEqual(before);
    const again = await world.import(course(all));
    expect(again.leftOut).toEqual([]);
    expect(again.tables.browse_history).toMatchObject({ imported: 0, unchanged: 2, leftOut: 0 });
  });

  test("gets back nothing of a history that was cleared", async () => {
    const handleCommand = await rows();
    await handleCommand(historyStream, reader, open(ourBook(99), 1), at(1));
    const clear = { type: "ClearHistory", at: "2026-01-02T00:00:00.000Z" } as const;
    await handleCommand(historyStream, reader, clear, at(2));
    await world.import(course(all));
    expect(world.eventsOf(`history-${reader}`)).toHaveLength(2);
  });

  test("keeps the settings that were adjusted, and gets the channel that was not chosen", async () => {
    const handleCommand = await rows();
    await handleCommand(preferencesStream, reader, { type: "AdjustSettings", fontSize: 30 }, newContext());
    await world.import(course(all));
    expect(world.eventsOf(`preferences-${reader}`)).toMatchObject([
      { type: "ReaderSettingsAdjusted", data: { ...defaultSettings, fontSize: 30 } },
      { type: "ReadingPreferenceChosen", data: { channel: "female" } },
    ]);
  });

  test("and is erased meanwhile, is left out, and all else is imported", async () => {
    const handleCommand = await rows();
    await handleCommand(accountStream, reader, { type: "EraseReader" }, newContext());
    const tables = course(all);
    const more = [...(tables.user ?? []), { id: 8, openId: "o-wang", preference: 1 }];
    const { leftOut, tables: counts } = await world.import({ ...tables, user: more });
    const reason = "is of a user whose account was erased";
    expect(leftOut.map(({ table, reason }) => [table, reason])).toEqual(
      ["book_shelf", "browse_history", "browse_history", "user"].map((table) => [table, reason]),
    );
    expect(counts.user).toMatchObject({ imported: 1, leftOut: 1 });
  });
});

describe("an openid under two ids", () => {
  const lin = { id: 7, openId: "o-lin" };
  const shelf = [7, 8].map((user) => ({ id: user, user_id: user, book_id: 17, created: "2020-01-01 00:00:00" }));
  const readers = async () =>
    (await world.pool.query("SELECT course_id::int AS id, reader_id AS reader FROM course_users ORDER BY 1")).rows;

  test("in one file is left out the second time, with all that names it, and without the openid", async () => {
    const tables = { ...course([]), user: [lin, { ...lin, id: 8 }, { ...lin, id: 7 }], book_shelf: shelf };
    const { leftOut, tables: counts } = await world.import(tables);
    expect(leftOut.map(({ table, line, reason }) => [table, line, reason])).toEqual([
      ["user", 3, "openId is that of user 7, and unique in the course"],
      ["user", 4, "7 was there before"],
      ["book_shelf", 3, "names user 8, which was not imported"],
    ]);
    expect(counts.user).toMatchObject({ rows: 3, imported: 1, leftOut: 2 });
    expect(await readers()).toMatchObject([{ id: 7 }]);
  });

  test("in two imports is one reader, whose export has both", async () => {
    await world.import({ ...course([]), book_shelf: shelf.slice(0, 1) });
    const [first] = await readers();
    const again = await world.import({ ...course([]), user: [{ ...lin, id: 8 }], book_shelf: shelf.slice(1) });
    expect(again.leftOut.filter(({ table }) => table === "user")).toEqual([]);
    expect(await readers()).toEqual([first, { id: 8, reader: first.reader }]);
    expect((await storedAccount(world.pool, first.reader))?.account).toMatchObject({ courseUserIds: ["7", "8"] });
  });
});

test("ids of up to fifteen digits are found again, also those that look like ours", async () => {
  for (const id of [123_456_789_012, 999_999_999_999_999]) {
    const numbered = { book_id: id, chapter_id: id };
    await world.import({
      book: [{ book_id: id, book_name: "灯" }],
      book_chapters: [{ ...numbered, chapter_name: "一" }],
      book_chapter_content: [{ ...numbered, content: "字" }],
    });
    expect(await bookNamed(world.pool, String(id))).toBe(ourBook(id));
    expect(await chapterIdOf(world.pool, ourBook(id), String(id))).toMatch(/^[a-z0-9]{12}$/);
    expect(await chapterIdOf(world.pool, ourBook(id), String(id))).not.toBe(String(id));
  }
  expect(await bookNamed(world.pool, "210987654321")).toBe("210987654321");
  expect(await bookNamed(world.pool, "1234567890123")).toBeUndefined();
});

test("visits of one book within a minute are one, and none of them is left out", async () => {
  const tables = course(all);
  const history = [0, 30, 59].map((second, index) => ({
    id: index + 1,
    user_id: 7,
    book_id: 17,
    updated: `2020-01-02 00:00:${String(second).padStart(2, "0")}`,
  }));
  const { leftOut, tables: counts } = await world.import({ ...tables, browse_history: history });
  expect(leftOut).toEqual([]);
  expect(counts.browse_history).toMatchObject({ imported: 1, unchanged: 2, leftOut: 0 });
});

test("a row that was imported with another book before is not told to be too late", async () => {
  const tables = course(all);
  const [row] = tables.browse_history ?? [];
  await world.import({ ...tables, browse_history: [row!] });
  // As if the import had been killed before it recorded the row.
  await world.pool.query("DELETE FROM course_rows WHERE table_name = 'browse_history'");
  const { leftOut, tables: counts } = await world.import({ ...tables, browse_history: [{ ...row!, book_id: 18 }] });
  expect(leftOut).toEqual([]);
  expect(counts.browse_history).toMatchObject({ imported: 0, unchanged: 1, leftOut: 0 });
});

test("visits without a time are the oldest", async () => {
  const tables = course(all);
  const history = [
    { id: 1, user_id: 7, book_id: 17, updated: "2020-01-02 00:00:00" },
    { id: 2, user_id: 7, book_id: 18, updated: null },
  ];
  const { leftOut } = await world.import({ ...tables, browse_history: history });
  expect(leftOut).toEqual([]);
  const { rows } = await world.pool.query("SELECT reader_id FROM course_users");
  expect(world.eventsOf(`history-${rows[0].reader_id}`).map(({ data }) => data)).toMatchObject([
    { bookId: ourBook(18), openedAt: "1970-01-01T00:00:00.000Z" },
    { bookId: ourBook(17), openedAt: "2020-01-01T16:00:00.000Z" },
  ]);
});
