import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TooManyBooks } from "../../../src/commands/errors.ts";
import { storeTexts } from "../../../src/content/storeTexts.ts";
import { progressStream } from "../../../src/domain/reading/progress/stream.ts";
import { collected } from "../../../src/projections/collected/collected.ts";
import { history } from "../../../src/projections/history/history.ts";
import { categoryId } from "../../../src/projections/library/categoryId.ts";
import { library } from "../../../src/projections/library/library.ts";
import { preferences } from "../../../src/projections/preferences/preferences.ts";
import { places } from "../../../src/projections/reading/places.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import { viewsOf } from "../../../src/projections/views.ts";
import { newContext } from "../../commands/fixtures.ts";
import { bookIdOf, catalogue, shelve } from "../../queries/readModelTables.ts";
import { wechat } from "../../support/wechat.ts";
import { startCourse } from "./startCourse.ts";

let course: Awaited<ReturnType<typeof startCourse>>;
let token: string;
let reader: string;
beforeAll(async () => {
  course = await startCourse();
});
afterAll(() => course.close());
beforeEach(async () => {
  await course.pool.query(`TRUNCATE accounts CASCADE; TRUNCATE course_books, course_chapters, heat_scores;
    DELETE FROM ${books}; DELETE FROM ${chapters}; DELETE FROM ${collectedBooks}`);
  const login = await course.send("POST", "/users/login", { body: { code: await wechat().login(`${Math.random()}`) } });
  token = (login.body as { token: string }).token;
  reader = await course.courseTokens.verify(token);
  course.waited.length = 0;
});

const { books, chapters } = viewsOf(library);
const collectedBooks = viewsOf(collected).collected_books;
const get = (path: string) => course.send("GET", path);
const [first, second, third] = [bookIdOf(1), bookIdOf(2), bookIdOf(3)];

/** A category's columns. */
const inCategory = (channel: string, category: string, subCategory: string | null = null) => ({
  channel,
  category,
  category_id: categoryId(channel, category),
  sub_category: subCategory,
  sub_category_id: subCategory === null ? null : categoryId(channel, category, subCategory),
});
const fantasy = inCategory("male", "玄幻", "东方玄幻");
const collect = (bookId: string, shelves: number) =>
  course.pool.query(`INSERT INTO ${collectedBooks} VALUES ($1, $2)`, [bookId, shelves]);

const chapterId = (no: number) => `chapter${String(no).padStart(5, "0")}`;
const textOf = (no: number) => `　　第 ${no} 章的正文。\n　　“好。”`;
async function publish(count: number) {
  await catalogue(course.pool, first, 1n, { chapters: count, words: 33, title: "灯", ...fantasy });
  for (let no = 1; no <= count; no++) {
    const sha256 = createHash("sha256").update(textOf(no)).digest("hex");
    await storeTexts(course.pool, [{ sha256, text: textOf(no) }]);
    const values = [first, no, chapterId(no), `第${no}章`, sha256, textOf(no).length];
    await course.pool.query(`INSERT INTO ${chapters} VALUES ($1, $2, $3, $4, NULL, 'chapter', $5, $6, 11)`, values);
  }
}

/** A book as lists show it. */
const listed = (id: string, more: object = {}) => ({
  id,
  title: `书 ${id}`,
  introduction: "石头所记",
  author: "曹雪芹",
  state: 2,
  imgURL: "",
  category_id: fantasy.sub_category_id,
  category_name: "东方玄幻",
  ...more,
});

describe("the shelf", () => {
  test("takes a book, which the read models show before the answer, and once", async () => {
    expect(await course.send("POST", `/mybooks/${first}`, { token })).toEqual({
      status: 200,
      body: { msg: "添加成功" },
    });
    expect(course.waited).toEqual([
      [["shelf", "collected"], [expect.objectContaining({ category: "shelf", reader, books: [first] })]],
    ]);
    const again = await course.send("POST", `/mybooks/${first}`, { token });
    expect(again).toEqual({ status: 400, body: { msg: "书架中该书籍已经存在" } });
    expect(course.store.eventsOf(`shelf-${reader}`).map(({ type, data }) => ({ type, data }))).toEqual([
      { type: "BookAddedToShelf", data: { bookId: first } },
    ]);
  });

  test("gives a book back, once", async () => {
    await course.send("POST", `/mybooks/${first}`, { token });
    expect(await course.send("DELETE", `/mybooks/${first}/`, { token })).toEqual({
      status: 200,
      body: { msg: "删除成功" },
    });
    expect(course.waited.at(-1)?.[1]).toMatchObject([{ reader, books: [first] }]);
    const again = await course.send("DELETE", `/mybooks/${first}`, { token });
    expect(again).toEqual({ status: 400, body: { msg: "该书籍在书架中不存在" } });
  });

  test("refuses what the library has not, and more than it holds", async () => {
    const missing = { status: 404, body: { msg: "书籍不存在" } };
    for (const id of ["missing00000", "17", "no-id-at-all", "%E7%BA%A2"]) {
      expect(await course.send("POST", `/mybooks/${id}`, { token })).toEqual(missing);
    }
    for (const id of [first, second]) await course.send("POST", `/mybooks/${id}`, { token });
    const full = await course.send("POST", `/mybooks/${third}`, { token });
    expect(full).toEqual({ status: 409, body: { msg: "书架已满" } });
  });

  test("shows its books, the last added first, with whole addresses of covers", async () => {
    await catalogue(course.pool, first, 1n, { title: "灯", cover_sha256: "a".repeat(64) });
    await catalogue(course.pool, second, 2n, { title: "雪", cover_url: "https://img.example/2.jpg" });
    for (const [index, book] of [first, second, third].entries())
      await shelve(course.pool, reader, book, BigInt(index));
    const expected = [
      { id: third, title: "", imgURL: "" },
      { id: second, title: "雪", imgURL: "https://img.example/2.jpg" },
      { id: first, title: "灯", imgURL: `${course.url}/v1/covers/${"a".repeat(64)}` },
    ];
    for (const path of ["/mybooks/", "/mybooks"]) {
      expect(await course.send("GET", path, { token })).toEqual({ status: 200, body: expected });
    }
  });
});

test("an empty shelf shows what the reader may like, and takes none of it", async () => {
  const female = inCategory("female", "言情");
  await catalogue(course.pool, first, 1n, { ...fantasy, title: "灯" });
  await catalogue(course.pool, second, 2n, { ...female, title: "雪", cover_url: "https://img.example/2.jpg" });
  const chosen = viewsOf(preferences).reader_preferences;
  const text = `INSERT INTO ${chosen} (reader_id, channel, category_ids, progress_policy, changed_at)
                VALUES ($1, 'female', '', 'ask', now())`;
  await course.pool.query(text, [reader]);
  const body = [{ id: second, title: "雪", imgURL: "https://img.example/2.jpg" }];
  expect(await course.send("GET", "/mybooks/", { token })).toEqual({ status: 200, body });
  expect(course.store.eventsOf(`shelf-${reader}`)).toEqual([]);
});

test("a shelf that the reader emptied stays empty; the book to begin with is recommended", async () => {
  await catalogue(course.pool, first, 1n, { ...fantasy, title: "灯" });
  const { shelf_removed_books } = viewsOf(shelf);
  await course.pool.query(`INSERT INTO ${shelf_removed_books} VALUES ($1, $2, now(), 1)`, [reader, second]);
  expect(await course.send("GET", "/mybooks/", { token })).toEqual({ status: 200, body: [] });
  const last = await course.send("GET", "/mybooks/last", { token });
  expect(last).toMatchObject({ status: 200, body: { id: first, title: "灯", progress: 0 } });
});

describe("categories", () => {
  test("are those of a gender as readers choose it, or of a channel", async () => {
    await catalogue(course.pool, first, 1n, { ...fantasy, cover_url: "https://img.example/1.jpg" });
    await catalogue(course.pool, second, 2n, inCategory("female", "言情"));
    await catalogue(course.pool, third, 3n, inCategory("published", "古典"));
    const shown = (channel: string, name: string) => [
      { id: categoryId(channel, name), title: name, imgURL: "", subCategory: [] },
    ];
    const male = [
      {
        id: fantasy.category_id,
        title: "玄幻",
        imgURL: "https://img.example/1.jpg",
        subCategory: [{ id: fantasy.sub_category_id, title: "东方玄幻" }],
      },
    ];
    expect(await get("/categories/?gender=1")).toEqual({ status: 200, body: male });
    expect((await get("/categories")).body).toEqual(male);
    expect((await get("/categories/?gender=x")).body).toEqual(male);
    expect((await get("/categories/?gender=0")).body).toEqual(shown("female", "言情"));
    expect((await get("/categories/?gender=2")).body).toEqual(shown("female", "言情"));
    expect((await get("/categories/?gender=3")).body).toEqual(shown("published", "古典"));
  });

  test("list their books in pages, by words and by shelves", async () => {
    const words = { [first]: 499_999, [second]: 1_000_000, [third]: 1_000_001 };
    for (const [index, [id, count]] of Object.entries(words).entries()) {
      await catalogue(course.pool, id, BigInt(index), { ...fantasy, words: count });
    }
    await collect(second, 3);
    await collect(first, 1);
    await catalogue(course.pool, bookIdOf(4), 4n, { ...fantasy, withdrawn_at: new Date() });
    await catalogue(course.pool, bookIdOf(5), 5n, inCategory("female", "言情"));
    const filters = (query: string) => get(`/categories/filters?category_id=${fantasy.category_id}&${query}`);
    expect(await filters("page=1&pagesize=2&words=0&order=2")).toEqual({
      status: 200,
      body: { counts: 3, pagesize: 2, pages: 2, page: 1, items: [listed(second), listed(first)] },
    });
    expect((await filters("page=2&pagesize=2&order=1")).body).toEqual({
      counts: 3,
      pagesize: 2,
      pages: 2,
      page: 2,
      items: [listed(third)],
    });
    expect((await filters("page=9")).body).toMatchObject({ counts: 3, pages: 1, page: 9, pagesize: 10, items: [] });
    for (const [index, id] of [first, second, third].entries()) {
      expect((await filters(`words=${index + 1}`)).body).toMatchObject({ counts: 1, items: [{ id }] });
    }
    const sub = await get(`/categories/filters?category_id=${fantasy.sub_category_id}&_t=1`);
    expect(sub.body).toMatchObject({ counts: 3 });
    expect((await get("/categories/filters")).body).toMatchObject({ counts: 4 });
    expect((await get("/categories/filters?category_id=7")).body).toMatchObject({ counts: 0, pages: 1, items: [] });
  });

  test("of a category that cannot be read are those of all", async () => {
    await catalogue(course.pool, first, 1n);
    for (const named of ["%00", "x".repeat(21)])
      expect((await get(`/categories/filters?category_id=${named}`)).body).toMatchObject({ counts: 1 });
  });

  test("have at most four hot books, and the library's if they have none", async () => {
    for (let number = 1; number <= 5; number++) {
      await catalogue(course.pool, bookIdOf(number), BigInt(number), fantasy);
      await collect(bookIdOf(number), number);
    }
    const hottest = [5, 4, 3, 2].map((number) => listed(bookIdOf(number)));
    expect(await get(`/recommend/hots/${fantasy.category_id}`)).toEqual({ status: 200, body: hottest });
    expect((await get(`/recommend/hots/${fantasy.sub_category_id}`)).body).toEqual(hottest);
    expect((await get("/recommend/hots/7")).body).toEqual(hottest);
    expect((await get("/recommend/hots/%00")).status).toBe(400);
    await course.pool.query("INSERT INTO heat_scores VALUES ($1, 1000), ($2, 2000)", [third, first]);
    const { body } = await get(`/recommend/hots/${fantasy.category_id}?_t=1`);
    expect((body as { id: string }[]).map(({ id }) => id)).toEqual([first, third, bookIdOf(5), bookIdOf(4)]);
  });
});

describe("a book", () => {
  test("is shown in full, with its last chapter", async () => {
    await publish(3);
    expect(await get(`/book/${first}`)).toEqual({
      status: 200,
      body: listed(first, { title: "灯", words: 33, lastChapter: "第3章" }),
    });
    await catalogue(course.pool, second, 2n, { words: null, chapters: 0, status: "serialising", ...fantasy });
    expect((await get(`/book/${second}`)).body).toEqual(listed(second, { words: 0, lastChapter: null, state: 1 }));
  });

  test("lists its chapters in pages, up and down", async () => {
    await publish(5);
    const items = (...numbers: number[]) => numbers.map((no) => ({ id: chapterId(no), title: `第${no}章` }));
    const listedAt = (query: string) => get(`/book/chapters/${first}?${query}`);
    expect(await listedAt("page=2&pagesize=2")).toEqual({
      status: 200,
      body: { counts: 5, pages: 3, page: 2, items: items(3, 4) },
    });
    expect((await listedAt("page=3&pagesize=2&order=0")).body).toMatchObject({ items: items(5) });
    expect((await listedAt("page=1&pagesize=2&order=1")).body).toMatchObject({ items: items(5, 4) });
    expect((await listedAt("page=3&pagesize=2&order=1")).body).toMatchObject({ items: items(1) });
    expect((await listedAt("page=4&pagesize=2&order=1")).body).toMatchObject({ items: [] });
    expect((await listedAt("")).body).toEqual({ counts: 5, pages: 1, page: 1, items: items(1, 2, 3, 4, 5) });
  });

  test("is read chapter by chapter, by our ids and by the course's", async () => {
    await publish(2);
    await course.pool.query("INSERT INTO course_books VALUES (17, $1)", [first]);
    await course.pool.query("INSERT INTO course_chapters VALUES ($1, 901, $2, 20)", [first, chapterId(2)]);
    const page = {
      id: first,
      title: "灯",
      chapter_id: chapterId(2),
      chapter_name: "第2章",
      progress: 0,
      article_content: textOf(2),
    };
    for (const path of [`/book/reader/${first}?chapter_id=${chapterId(2)}`, "/book/reader/17?chapter_id=901"]) {
      expect(await get(path)).toEqual({ status: 200, body: page });
    }
    expect((await get("/book/17")).body).toMatchObject({ id: first });
    expect((await get("/book/chapters/17")).body).toMatchObject({ counts: 2 });
    expect((await course.send("POST", "/mybooks/17", { token })).status).toBe(200);
    expect((await course.send("DELETE", "/mybooks/17", { token })).status).toBe(200);
  });

  test("that does not exist, or has no such chapter, is 404; without a chapter 400; a withdrawn one 410", async () => {
    await publish(1);
    const [book, chapter] = ["书籍不存在", "章节不存在"].map((msg) => ({ status: 404, body: { msg } }));
    for (const path of ["/book/missing00000", "/book/17", "/book/chapters/17", "/book/reader/17?chapter_id=1"]) {
      expect(await get(path)).toEqual(book);
    }
    for (const id of ["901", "no-id", chapterId(2)]) {
      expect(await get(`/book/reader/${first}?chapter_id=${id}`)).toEqual(chapter);
    }
    for (const query of ["", "?chapter_id=", "?chapter_id=0", "?chapter_id=-1"]) {
      expect(await get(`/book/reader/${first}${query}`)).toEqual({ status: 400, body: { msg: "参数错误" } });
    }
    await course.pool.query(`UPDATE ${books} SET withdrawn_at = now()`);
    const withdrawn = await get(`/book/reader/${first}?chapter_id=${chapterId(1)}`);
    expect(withdrawn).toEqual({ status: 410, body: { msg: "书籍已下架" } });
  });
});

describe("reading", () => {
  /** The reader's place in the first book, as in the read model. */
  const placeAt = (no: number, offset: number) => {
    const { device_places, book_places } = viewsOf(places);
    const [columns, values] = [
      "reader_id, book_id, device_id, chapter_id, chapter_no, chapter_offset, read_at, entry_id",
      [reader, first, "phone", chapterId(no), no, offset, new Date(), "e"],
    ];
    const text = (table: string) => `INSERT INTO ${table} (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
    return Promise.all([device_places, book_places].map((table) => course.pool.query(text(table), values)));
  };
  const open = (no: number) => course.send("GET", `/book/reader/${first}?chapter_id=${chapterId(no)}`, { token });
  const recorded = () => course.store.eventsOf(`progress-${reader}`).map(({ data }) => data);

  test("an opened chapter becomes the place of its reader, and of no other", async () => {
    await publish(3);
    await get(`/book/reader/${first}?chapter_id=${chapterId(2)}`);
    expect(course.waited).toEqual([]);
    expect((await open(2)).body).toMatchObject({ progress: 0, chapter_id: chapterId(2) });
    expect(course.waited).toEqual([[["places"], [expect.objectContaining({ category: "progress", reader })]]]);
    expect(recorded()).toMatchObject([{ bookId: first, chapterId: chapterId(2), chapterNo: 2, offset: 0 }]);
  });

  test("HEAD opens neither a chapter nor a book", async () => {
    await publish(2);
    for (const path of [`/book/reader/${first}?chapter_id=${chapterId(2)}`, `/book/${first}`]) {
      const head = await fetch(course.url + path, { method: "HEAD", headers: { authorization: token } });
      expect([head.status, await head.text()]).toEqual([200, ""]);
    }
    expect([recorded(), course.store.eventsOf(`history-${reader}`), course.waited]).toEqual([[], [], []]);
  });

  test("a chapter in which the reader is shows how far, and keeps the place", async () => {
    await publish(3);
    await placeAt(2, Math.floor(textOf(2).length / 2));
    expect((await open(2)).body).toMatchObject({ progress: 50 });
    expect(recorded()).toEqual([]);
    expect((await open(3)).body).toMatchObject({ progress: 0 });
    expect(recorded()).toMatchObject([{ chapterId: chapterId(3) }]);
  });

  test("a chapter keeps the place that the read model does not have yet", async () => {
    await publish(3);
    await placeAt(1, 3);
    const entry = { entryId: randomUUID(), bookId: first, chapterId: chapterId(2), chapterNo: 2, offset: 7 };
    const sent = { ...entry, activeSeconds: 5, deviceId: "phone", readAt: new Date(Date.now() + 1_000).toISOString() };
    await course.handleCommand(progressStream, reader, { type: "RecordProgress", entries: [sent] }, newContext());
    await open(2);
    expect(recorded()).toMatchObject([{ offset: 7 }]);
    // The page waits for that place, too.
    expect(course.waited).toEqual([[["places"], [expect.objectContaining({ category: "progress", reader })]]]);
    await open(3);
    expect(recorded()).toMatchObject([{ offset: 7 }, { chapterId: chapterId(3), offset: 0 }]);
  });

  test("pages are shown to a reader of whom an event cannot be read, and the log and the metrics tell it", async () => {
    await publish(2);
    for (const category of ["history", "progress"]) {
      const event = { id: randomUUID(), type: "OfNewerRelease", data: {}, metadata: {} as never };
      await course.store.append(`${category}-${reader}`, "no_stream", [event]);
    }
    course.outcomes.length = 0;
    expect(await course.send("GET", `/book/${first}`, { token })).toMatchObject({ status: 200, body: { title: "灯" } });
    expect(await open(2)).toMatchObject({ status: 200, body: { chapter_id: chapterId(2), progress: 0 } });
    await expect.poll(() => course.outcomes).toEqual(["event_unreadable", "event_unreadable"]);
    const path = `/book/reader/${first}`;
    expect(course.lines().findLast((line) => line.path === path)).toMatchObject({
      level: "warn",
      status: 200,
      problem: "event_unreadable",
      err: { message: expect.stringContaining(`progress-${reader}`) },
    });
  });

  test("a page is shown to a reader who had too many books read", async () => {
    await publish(2);
    course.failing.chapterNumber = new TooManyBooks(20_000);
    course.outcomes.length = 0;
    try {
      expect(await open(2)).toMatchObject({ status: 200, body: { chapter_id: chapterId(2) } });
      await expect.poll(() => course.outcomes).toEqual(["too_many_requests"]);
      course.failing.chapterNumber = new Error("a fault of the program");
      expect((await open(2)).status).toBe(500);
    } finally {
      delete course.failing.chapterNumber;
    }
    expect((await open(2)).status).toBe(200);
    await expect.poll(() => course.outcomes).toEqual(["too_many_requests", "done"]);
  });

  test("the last book is shown with chapter and percentage; before that the first of the shelf", async () => {
    const last = () => course.send("GET", "/mybooks/last", { token });
    expect(await last()).toEqual({ status: 404, body: { msg: "书籍不存在" } });
    await publish(2);
    await catalogue(course.pool, second, 2n, { title: "雪", chapters: 0 });
    const lamp = { id: first, title: "灯", imgURL: "" };
    await shelve(course.pool, reader, first, 1n);
    expect(await last()).toEqual({ status: 200, body: { ...lamp, chapter: "第1章", progress: 0 } });
    await shelve(course.pool, reader, second, 2n);
    expect((await last()).body).toEqual({ id: second, title: "雪", imgURL: "", chapter: "", progress: 0 });
    await placeAt(2, 0);
    expect((await last()).body).toEqual({ ...lamp, chapter: "第2章", progress: 50 });
    expect((await get("/mybooks/last")).status).toBe(401);
  });
});

describe("the history", () => {
  const opened = (book: string, visit: number, at: string) =>
    course.pool.query(`INSERT INTO ${viewsOf(history).history_books} VALUES ($1, $2, $3, $4)`, [
      reader,
      book,
      visit,
      at,
    ]);

  test("gets a book when a reader with a token opens it, and not from anybody else", async () => {
    await publish(1);
    await get(`/book/${first}`);
    await course.send("GET", `/book/${first}`, { token: "bad" });
    expect(course.waited).toEqual([]);
    for (let times = 0; times < 2; times++) {
      expect((await course.send("GET", `/book/${first}`, { token: `Bearer ${token}` })).status).toBe(200);
    }
    expect(course.waited[0]).toEqual([["history"], [expect.objectContaining({ category: "history", reader })]]);
    expect(course.store.eventsOf(`history-${reader}`).map(({ type, data }) => ({ type, data }))).toEqual([
      { type: "BookOpened", data: expect.objectContaining({ bookId: first, visit: 1 }) },
    ]);
  });

  test.each([
    ["pagesize=100", { pagesize: 100, page: 1 }, 1],
    ["pagesize=101", { pagesize: 100, page: 1 }, 1],
    [`pagesize=${"9".repeat(20)}`, { pagesize: 100, page: 1 }, 1],
    ["pagesize=0", { pagesize: 10, page: 1 }, 1],
    ["pagesize=x&page=-1", { pagesize: 10, page: 1 }, 1],
    ["page=1000001", { pagesize: 10, page: 1_000_000 }, 0],
    ["page=99999999999&pagesize=100", { pagesize: 100, page: 1_000_000 }, 0],
  ])("of %s is a page of at most 100, and beyond the last one empty", async (query, page, count) => {
    await publish(1);
    await opened(first, 1, "2026-01-31T10:05:00Z");
    const { body } = await course.send("GET", `/my/histories?${query}`, { token });
    expect(body).toMatchObject({ ...page, counts: 1, pages: 1 });
    const books = (await get(`/categories/filters?words=4&order=9&${query}`)).body;
    for (const shown of [body, books]) expect(shown).toMatchObject({ ...page, items: { length: count } });
    for (const order of [0, 1]) {
      const chapters = (await get(`/book/chapters/${first}?${query}&order=${order}`)).body;
      expect(chapters).toMatchObject({ page: page.page, items: { length: count } });
    }
  });

  test("is listed in pages, the last visit first, with the time in China", async () => {
    for (const [index, book] of [first, second, third].entries()) {
      await catalogue(course.pool, book, BigInt(index), fantasy);
      await opened(book, index + 1, `2026-01-31T10:05:0${index}Z`);
    }
    const visit = (id: string, lastTime: string) => ({ ...listed(id), status: 2, lastTime });
    expect(await course.send("GET", "/my/histories?page=1&pagesize=2", { token })).toEqual({
      status: 200,
      body: {
        counts: 3,
        pagesize: 2,
        pages: 2,
        page: 1,
        items: [visit(third, "2026-01-31 18:05:02"), visit(second, "2026-01-31 18:05:01")],
      },
    });
    const last = await course.send("GET", "/my/histories?page=2&pagesize=2", { token });
    expect(last.body).toMatchObject({ counts: 3, page: 2, items: [{ id: first }] });
    expect((await get("/my/histories")).status).toBe(401);
  });

  test("is cleared, once", async () => {
    await publish(1);
    await course.send("GET", `/book/${first}`, { token });
    for (let times = 0; times < 2; times++) {
      expect(await course.send("DELETE", "/my/histories", { token })).toEqual({ status: 200, body: { msg: "OK" } });
    }
    const types = course.store.eventsOf(`history-${reader}`).map(({ type }) => type);
    expect(types).toEqual(["BookOpened", "BrowseHistoryCleared"]);
  });
});

describe("the configuration", () => {
  const post = (path: string, body: unknown) => course.send("POST", path, { token, body });
  const written = () => course.store.eventsOf(`preferences-${reader}`).map(({ data }) => data);
  const done = { status: 200, body: { msg: "设置成功" } };
  const wrong = { status: 400, body: { msg: "参数错误" } };

  test("takes a gender for a channel, and leaves the reader's own gender alone", async () => {
    expect(await post("/config/preference", { gender: 0 })).toEqual(done);
    expect(await post("/config/preference", { gender: "1" })).toEqual(done);
    expect(written()).toMatchObject([{ channel: "female" }, { channel: "male" }]);
    expect(course.waited.map(([readModels]) => readModels)).toEqual([["preferences"], ["preferences"]]);
    for (const gender of [2, -1, null, "x", undefined])
      expect(await post("/config/preference", { gender })).toEqual(wrong);
  });

  test("takes what is named of the reader's settings, in their ranges", async () => {
    const all = { brightness: 10, font_size: "20", background: "B6", turn: "T3" };
    expect(await post("/config/reader", all)).toEqual(done);
    expect(await post("/config/reader", { brightness: 100, font_size: null })).toEqual(done);
    expect(await post("/config/reader", {})).toEqual(done);
    expect(written()).toMatchObject([
      { brightness: 10, fontSize: 20, background: "B6", pageTurn: "T3" },
      { brightness: 100, fontSize: 20, background: "B6", pageTurn: "T3" },
    ]);
    const bad = [{ brightness: 9 }, { brightness: 101 }, { font_size: 0 }, { background: "B7" }, { turn: "T4" }];
    for (const body of bad) expect(await post("/config/reader", body)).toEqual(wrong);
    expect((await course.send("POST", "/config/reader", { body: all })).status).toBe(401);
  });
});

describe("errors", () => {
  test("are {msg}, wherever they come from", async () => {
    expect(await get("/mybooks/1/2/3")).toEqual({ status: 404, body: { msg: "资源不存在" } });
    expect(await get("/search/nothing")).toEqual({ status: 404, body: { msg: "资源不存在" } });
    expect(await course.send("PUT", `/mybooks/${first}`, { token })).toEqual({
      status: 405,
      body: { msg: "不支持的请求方法" },
    });
    expect(await course.send("POST", "/users/login", { body: [] })).toEqual({ status: 400, body: { msg: "参数错误" } });
    const malformed = await fetch(`${course.url}/users/login`, {
      method: "POST",
      body: "{",
      headers: { "content-type": "application/json" },
    });
    expect([malformed.status, await malformed.json()]).toEqual([400, { msg: "参数错误" }]);
    const form = await fetch(`${course.url}/users/login`, { method: "POST", body: new URLSearchParams({ code: "x" }) });
    expect([form.status, await form.json()]).toEqual([415, { msg: "请求内容须为 JSON" }]);
    const elsewhere = await fetch(`${course.url}/v1/nothing`);
    expect(await elsewhere.json()).toMatchObject({ code: "not_found" });
  });

  test("of the server tell nothing of it", async () => {
    await course.pool.query("ALTER TABLE course_books RENAME TO gone");
    try {
      expect(await get("/book/17")).toEqual({ status: 503, body: { msg: "服务暂时不可用，请稍后再试" } });
    } finally {
      await course.pool.query("ALTER TABLE gone RENAME TO course_books");
    }
  });
});
