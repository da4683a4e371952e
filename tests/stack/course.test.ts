import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../../embedded/supervisor/stack.ts";
import { type TableRows, writeTables } from "../course-import/tables.ts";
import { eventually } from "../support/waiting.ts";

// The pages of the course's mini-program, one after another, as its front ends request them, after an import of its data.

const run = promisify(execFile);

let dataDir: string;
let stack: Stack;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "heima-course-"));
  stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** The openid that the stand-in of WeChat gives a user. */
const openidOf = (user: string) =>
  `o${createHash("sha256").update(`${stack.environment.WECHAT_APPID}\n${user}`).digest("base64url").slice(0, 27)}`;

const tablesOfCourse = (): TableRows => ({
  user: [
    {
      id: 7,
      openId: openidOf("daiyu"),
      nickName: "林黛玉",
      gender: 0,
      avatarUrl: "https://img.example/7.jpg",
      preference: 1,
      brightness: 55,
      fontSize: 20,
      background: "B3",
      turn: "T2",
      last_read: null,
      created: "2020-01-01 08:00:00",
      modified: "2020-01-01 08:00:00",
    },
  ],
  book_big_category: [{ cate_id: 1, cate_name: "课程玄幻", channel: 1 }],
  book_category: [{ cate_id: 11, cate_name: "课程异世" }],
  book_category_relation: [{ big_cate_id: 1, cate_id: 11 }],
  book: [17, 18, 19, 20, 21].map((id) => ({
    book_id: id,
    channel_book_id: `x:${id}`,
    book_name: `第${id}本`,
    cate_id: 11,
    cate_name: "课程异世",
    channel_type: 1,
    author_name: "某人",
    status: 1,
    cover: `http://img.example/${id}.jpg`,
    intro: `说${id}。`,
    word_count: 600_000,
  })),
  book_chapters: [901, 902, 903].map((id) => ({ book_id: 17, chapter_id: id, chapter_name: `第${id - 900}章 灯` })),
  book_chapter_content: [901, 902, 903].map((id) => ({
    book_id: 17,
    chapter_id: id,
    content: `${id}`.padEnd(10, "字"),
  })),
  book_shelf: [
    { id: 1, book_id: 18, user_id: 7, created: "2020-01-02 00:00:00" },
    { id: 2, book_id: 17, user_id: 7, created: "2020-01-03 00:00:00" },
  ],
  browse_history: [{ id: 1, book_id: 18, user_id: 7, created: "2020-01-02 00:00:00", updated: "2020-01-02 20:00:00" }],
  read_rate: [{ id: 1, user_id: 7, book_id: 17, chapter_id: 902, rate: 50, created: "2020-01-04 00:00:00" }],
});

type Json = Record<string, unknown>;

/** A front end after its login: it sends the token raw, and reads the body whatever the status. */
async function frontEnd(user: string) {
  const { code } = (await (await fetch(`${stack.wechat}/wx.login?user=${user}`)).json()) as { code: string };
  const ask = async (token: string, method: string, path: string, data?: object) => {
    const response = await fetch(`${stack.api}${path}`, {
      method,
      headers: { "content-type": "application/json", ...(token !== "" && { authorization: token }) },
      ...(data !== undefined && { body: JSON.stringify(data) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const login = await ask("", "POST", "/users/login", { code });
  const { token } = login.body as { token: string };
  const get = async (path: string) => {
    const { status, body } = await ask(token, "GET", path);
    expect(status, path).toBe(200);
    return body;
  };
  return { login, token, ask: ask.bind(undefined, token), get };
}

const importCourse = async () => {
  const { folder, remove } = await writeTables(tablesOfCourse());
  const env = { ...process.env, ...stack.environment };
  try {
    const { stdout } = await run(process.execPath, ["bin/heima.js", "course", "import", "--json", folder], {
      env,
    });
    return JSON.parse(stdout) as {
      tables: Record<string, { rows: number; imported: number; unchanged: number }>;
      leftOut: [];
    };
  } finally {
    await remove();
  }
};

describe("a course that was imported", () => {
  test("is written by the command line", async () => {
    const { tables, leftOut } = await importCourse();
    expect(leftOut).toEqual([]);
    expect(tables.book).toEqual({ rows: 5, imported: 5, unchanged: 0, leftOut: 0 });
    expect(tables.book_shelf).toMatchObject({ rows: 2, imported: 2 });
  }, 120_000);

  test("is what its readers find when they log in", async () => {
    const daiyu = await frontEnd("daiyu");
    expect(daiyu.login).toEqual({
      status: 200,
      body: {
        token: expect.any(String),
        user_info: { uid: expect.any(String), gender: 0, avatarUrl: "https://img.example/7.jpg" },
        config: expect.objectContaining({ fontSize: expect.any(Number) }),
      },
    });
    // The import does not wait for the read models.
    const config = { preference: 1, brightness: 55, fontSize: 20, background: "B3", turn: "T2" };
    await eventually(async () => ((await frontEnd("daiyu")).login.body as { config: Json }).config, config);
    const bookId = expect.stringMatching(/^[a-z0-9]{12}$/);
    const lamp = { id: bookId, title: "第17本", imgURL: "http://img.example/17.jpg" };
    const other = { id: bookId, title: "第18本", imgURL: "http://img.example/18.jpg" };
    await eventually(() => daiyu.get("/mybooks/"), [lamp, other]);
    await eventually(() => daiyu.get("/mybooks/last"), { ...lamp, chapter: "第2章 灯", progress: 50 });
    const visited = expect.objectContaining({ title: "第18本", lastTime: "2020-01-02 20:00:00" });
    const history = { counts: 1, pagesize: 10, pages: 1, page: 1, items: [visited] };
    await eventually(() => daiyu.get("/my/histories?page=1&pagesize=10"), history);
  });
});

test("the pages of the mini-program, one after another", async () => {
  const baoyu = await frontEnd("baoyu");
  const config = { preference: null, brightness: 30, fontSize: 14, background: "B1", turn: "T1" };
  expect(baoyu.login.body).toMatchObject({ user_info: { gender: null, avatarUrl: null }, config });

  // The preference, then the shelf of a new reader, which shows recommendations but contains none of them.
  expect(await baoyu.ask("POST", "/config/preference", { gender: 1 })).toEqual({
    status: 200,
    body: { msg: "设置成功" },
  });
  const recommended = (await baoyu.get("/mybooks/")) as Json[];
  expect(recommended.length).toBeGreaterThan(0);
  for (const book of recommended) {
    expect(book).toEqual({ id: expect.any(String), title: expect.any(String), imgURL: expect.any(String) });
  }
  expect(await baoyu.ask("DELETE", `/mybooks/${recommended[0]?.id}`)).toMatchObject({ status: 400 });

  // Categories.
  const categories = (await baoyu.get("/categories/?gender=1")) as Json[];
  const sub = { id: expect.stringMatching(/^s/), title: "课程异世" };
  const fantasy = categories.find(({ title }) => title === "课程玄幻");
  expect(fantasy).toEqual({
    id: expect.stringMatching(/^c/),
    title: "课程玄幻",
    imgURL: expect.stringMatching(/^http:\/\/img\.example\//),
    subCategory: [sub],
  });
  const filtered = (await baoyu.get(
    `/categories/filters?page=1&pagesize=2&category_id=${fantasy?.id}&words=2&order=2`,
  )) as { items: Json[] };
  const listed = {
    id: expect.any(String),
    title: expect.stringMatching(/^第\d+本$/),
    introduction: expect.any(String),
    author: "某人",
    state: 1,
    category_id: sub.id,
    category_name: "课程异世",
    imgURL: expect.any(String),
  };
  expect(filtered).toEqual({ counts: 4, pagesize: 2, pages: 2, page: 1, items: [listed, listed] });

  // The page of a book, requested by its old number: the book, its category's hot ones, the shelf.
  const detail = (await baoyu.get("/book/17")) as Json;
  expect(detail).toEqual({ ...listed, title: "第17本", introduction: "说17。", words: 30, lastChapter: "第3章 灯" });
  const hot = (await baoyu.get(`/recommend/hots/${detail.category_id}`)) as Json[];
  expect(hot).toEqual([listed, listed, listed, listed]);
  expect(await baoyu.ask("POST", `/mybooks/${detail.id}`)).toEqual({ status: 200, body: { msg: "添加成功" } });
  expect(await baoyu.get("/mybooks/")).toEqual([{ id: detail.id, title: "第17本", imgURL: detail.imgURL }]);
  expect(await baoyu.ask("POST", "/mybooks/17")).toEqual({ status: 400, body: { msg: "书架中该书籍已经存在" } });

  // The catalogue and the reader, by old numbers and by ours.
  const chapters = (await baoyu.get("/book/chapters/17?page=1&pagesize=2&order=1")) as { items: Json[] };
  expect(chapters).toEqual({
    counts: 3,
    pages: 2,
    page: 1,
    items: [
      { id: expect.any(String), title: "第3章 灯" },
      { id: expect.any(String), title: "第2章 灯" },
    ],
  });
  const page = {
    id: detail.id,
    title: "第17本",
    chapter_id: expect.any(String),
    progress: 0,
  };
  expect(await baoyu.get("/book/reader/17?chapter_id=901")).toEqual({
    ...page,
    chapter_name: "第1章 灯",
    article_content: "901字字字字字字字",
  });
  expect(await baoyu.get(`/book/reader/${detail.id}?chapter_id=${chapters.items[1]?.id}`)).toEqual({
    ...page,
    chapter_name: "第2章 灯",
    chapter_id: chapters.items[1]?.id,
    article_content: "902字字字字字字字",
  });
  expect(await baoyu.get("/mybooks/last")).toEqual({
    id: detail.id,
    title: "第17本",
    chapter: "第2章 灯",
    progress: 33,
    imgURL: detail.imgURL,
  });

  // The searches: suggestions, results and recommendations.
  const named = (items: readonly { title: string }[]) => items.map(({ title }) => title);
  await eventually(() => baoyu.get("/search/tags?key_word=第17"), [{ title: "第17本", isHot: false }]);
  expect(await baoyu.get("/search/books?key_word=说17&page=1&pagesize=10")).toMatchObject({ page: 1, pagesize: 10 });
  const searched = (await baoyu.get("/search/recommends?key_word=第17本")) as Record<
    "accurate" | "match" | "recommends_list",
    { title: string }[]
  >;
  expect(searched.accurate).toMatchObject({ id: detail.id, title: "第17本", category_name: "课程异世" });
  expect(named(searched.match).every((title) => /^第\d\d本$/.test(title))).toBe(true);
  expect(searched.recommends_list.length).toBeGreaterThan(0);

  // Settings hold from the next login on.
  const settings = { brightness: 80, font_size: 18, background: "B2", turn: "T3" };
  expect(await baoyu.ask("POST", "/config/reader", settings)).toEqual({ status: 200, body: { msg: "设置成功" } });
  expect((await frontEnd("baoyu")).login.body).toMatchObject({
    config: { preference: 1, brightness: 80, fontSize: 18, background: "B2", turn: "T3" },
  });

  // The history has the visited book, and is cleared.
  const visited = { ...listed, title: "第17本", introduction: "说17。", status: 1 };
  expect(await baoyu.get("/my/histories?page=1&pagesize=10")).toEqual({
    counts: 1,
    pagesize: 10,
    pages: 1,
    page: 1,
    items: [{ ...visited, lastTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) }],
  });
  expect(await baoyu.ask("DELETE", "/my/histories")).toEqual({ status: 200, body: { msg: "OK" } });
  expect(await baoyu.get("/my/histories")).toEqual({ counts: 0, pagesize: 10, pages: 1, page: 1, items: [] });
  expect(await baoyu.ask("DELETE", `/mybooks/${detail.id}`)).toEqual({ status: 200, body: { msg: "删除成功" } });
  // The shelf is no longer that of a new reader.
  expect(await baoyu.get("/mybooks/")).toEqual([]);
});
