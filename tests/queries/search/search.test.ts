import { afterAll, beforeAll, expect, test } from "vitest";
import { courseRoutes } from "../../../src/http/course/courseEndpoint.ts";
import { searchRoutes } from "../../../src/http/course/search.ts";
import type { RecordKeyword } from "../../../src/http/keywords/recordKeyword.ts";
import { searchEndpoints } from "../../../src/http/search/endpoints.ts";
import { booksIndex } from "../../../src/projections/books/index.ts";
import { categoryId } from "../../../src/projections/library/categoryId.ts";
import { readerId, startApi } from "../../http/startApi.ts";
import { searchWorld } from "./searchWorld.ts";

// Searches over HTTP, from an index and a library with the same books.

let world: Awaited<ReturnType<typeof searchWorld>>;
let api: Awaited<ReturnType<typeof startApi>>;
const recorded: [reader: string | undefined, keyword: string, results: number | undefined][] = [];
const recordKeyword: RecordKeyword = (incoming, keyword, results) =>
  recorded.push([incoming.readerId, keyword, results]);

beforeAll(async () => {
  world = await searchWorld();
  const deps = { pool: world.pool, index: world.index, recordKeyword };
  const hotLookup = async () => (keyword: string) => keyword === "斗罗大陆";
  const courseRoute = courseRoutes({ verify: async () => readerId });
  api = await startApi([
    ...searchEndpoints({ ...deps, readerOf: () => readerId }),
    ...searchRoutes(courseRoute, { ...deps, hotLookup }, world.pool),
  ]);
  await world.add(
    {
      title: "斗破苍穹",
      author: "天蚕土豆",
      intro: "这里是属于斗气的世界，没有花俏艳丽的魔法。",
      heat: 90,
      words: 5_000_000n,
    },
    { title: "斗罗大陆", author: "唐家三少", intro: "唐门外门弟子唐三，因偷学内门绝学为唐门所不容。", heat: 95 },
    {
      title: "剑来",
      author: "烽火戏诸侯",
      intro: "大千世界，无奇不有。",
      category: "仙侠",
      heat: 80,
      status: "serialising",
    },
    { title: "剑道第一仙", author: "萧瑾瑜", category: "仙侠", heat: 10 },
    { title: "長生界（完本）", author: "辰东", heat: 40 },
    { title: "重庆往事", author: "周衍", category: "都市", heat: 5, words: null },
    { title: "女帝直播攻略", author: "油爆香菇", category: "历史", heat: 3 },
    { title: "斗破苍穹之无上之境", author: "夜雨闻铃", heat: 99 },
    { title: "剑气纵横", author: "某人", heat: 100, withdrawn_at: new Date() },
  );
});
afterAll(async () => {
  await api?.close();
  await world?.close();
});

type Item = { title: string; highlights: Record<string, { text: string; marks: [number, number][] }> };
type Page = {
  code?: string;
  total: number;
  exact: Item[];
  matches: Item[];
  recommended: Item[];
  facets: Record<string, { value: string; books: number }[]> | null;
  nextCursor: string | null;
};
async function ask(query: Record<string, string>) {
  const response = await api.fetch(`/v1/search?${new URLSearchParams(query)}`);
  return { status: response.status, page: (await response.json()) as Page };
}
const titles = (items: readonly Item[]) => items.map(({ title }) => title);
const allTitles = ({ exact, matches, recommended }: Page) => titles([...exact, ...matches, ...recommended]);

test("a title is exact, what begins with it matches, and each book is in one list", async () => {
  const { page } = await ask({ q: "《鬥破蒼穹》" });
  expect(titles(page.exact)).toEqual(["斗破苍穹"]);
  expect(titles(page.matches)).toEqual(["斗破苍穹之无上之境"]);
  expect(titles(page.recommended)).toContain("斗罗大陆");
  expect(new Set(allTitles(page)).size).toBe(allTitles(page).length);
});

test("books that fill up the recommended ones are in the chosen order, and nothing counts them", async () => {
  recorded.length = 0;
  const recommended = async (sort: string) => {
    const { page } = await ask({ q: "偷学内门绝学", sort });
    expect([page.total, page.facets?.categories?.map(({ books }) => books), page.nextCursor]).toEqual([1, [1], null]);
    return titles(page.recommended);
  };
  const [dou, boundless, soul, eternal] = ["斗破苍穹", "斗破苍穹之无上之境", "斗罗大陆", "長生界（完本）"];
  expect(await recommended("relevance")).toEqual([soul, boundless, dou, eternal]);
  expect(await recommended("heat")).toEqual([boundless, soul, dou, eternal]);
  expect(await recommended("words")).toEqual([dou, boundless, soul, eternal]);
  expect(await recommended("updated")).toEqual([boundless, eternal, soul, dou]);
  expect(recorded.map(([, , results]) => results)).toEqual([1, 1, 1, 1]);
});

test.each([
  ["天蚕土豆", "斗破苍穹"],
  ["长生界", "長生界（完本）"],
  ["剑", "剑来"],
  ["doupocangqiong", "斗破苍穹"],
  ["dou po cang qiong", "斗破苍穹"],
  ["dpcq", "斗破苍穹"],
  ["斗po苍穹", "斗破苍穹"],
  ["斗破cq", "斗破苍穹"],
  ["tiancantudou", "斗破苍穹"],
  ["zhongqingwangshi", "重庆往事"],
  ["nvdi", "女帝直播攻略"],
  ["nudi", "女帝直播攻略"],
  ["斗破仓穹", "斗破苍穹"],
  ["剑倒第一仙", "剑道第一仙"],
  ["斗苍穹", "斗破苍穹"],
  ["斗苍破穹", "斗破苍穹"],
  ["斗罗大海陆", "斗罗大陆"],
  ["doupocangqoing", "斗破苍穹"],
  ["斗破苍穹 天蚕土豆", "斗破苍穹"],
  ["斗破苍穹+天蚕土豆", "斗破苍穹"],
  ["天蚕土豆斗破苍穹", "斗破苍穹"],
  ["偷学内门绝学", "斗罗大陆"],
  ["斗气 魔法", "斗破苍穹"],
])("%s finds %s first", async (q, title) => {
  expect(allTitles((await ask({ q })).page)[0]).toBe(title);
});

test("characters that stand for many are searched for as far as the index takes them", async () => {
  for (const q of ["\uFDFA", "㍿", "⩴a"].map((text) => text.repeat(100 / text.length)))
    expect((await ask({ q })).status).toBe(200);
});

test("a withdrawn book is not found", async () => {
  expect(allTitles((await ask({ q: "剑气纵横" })).page)).not.toContain("剑气纵横");
});

test("filters leave out, and facets count what another choice would give", async () => {
  const all = (await ask({ q: "剑" })).page;
  const fairy = categoryId("male", "仙侠");
  expect(all.facets).toMatchObject({
    categories: [{ value: fairy, books: 2 }],
    statuses: [
      { value: "finished", books: 1 },
      { value: "serialising", books: 1 },
    ],
    words: [
      { value: "short", books: 0 },
      { value: "medium", books: 2 },
      { value: "long", books: 0 },
    ],
  });
  const { page } = await ask({ q: "剑", status: "finished", category: fairy });
  expect(allTitles(page)).toEqual(["剑道第一仙"]);
  expect(page.facets?.statuses).toEqual(all.facets?.statuses);
  expect(allTitles((await ask({ q: "斗破", words: "long" })).page)).toEqual(["斗破苍穹"]);
  expect(allTitles((await ask({ q: "斗破", channel: "female" })).page)).toEqual([]);
});

test("an order sorts each list", async () => {
  expect(titles((await ask({ q: "斗", sort: "heat" })).page.matches)).toEqual([
    "斗破苍穹之无上之境",
    "斗罗大陆",
    "斗破苍穹",
  ]);
  expect(titles((await ask({ q: "斗", sort: "words" })).page.matches)[0]).toBe("斗破苍穹");
});

test("what was typed is marked as the book writes it", async () => {
  const { page } = await ask({ q: "长生" });
  expect(page.matches[0]?.highlights.title).toEqual({ text: "長生界（完本）", marks: [[0, 2]] });
});

test("pages go on in the order of the first, whatever is written", async () => {
  await world.add(...Array.from({ length: 230 }, (_, index) => ({ title: `稳如泰山${index}`, heat: index })));
  const seen: string[] = [];
  let cursor: string | null = null;
  let lastCursor = "";
  for (let pages = 0; pages < 10; pages++) {
    const { page } = await ask({ q: "稳如泰山", limit: "50", ...(cursor !== null && { cursor }) });
    if (pages === 0) await world.add({ title: "稳如泰山新", heat: 10_000 });
    seen.push(...titles(page.matches));
    lastCursor = page.nextCursor ?? lastCursor;
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  expect(seen.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, index) => `稳如泰山${229 - index}`));
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toHaveLength(231);
  // The rest is read from a point in time: here, 30 books in one page.
  expect((await ask({ q: "别的", cursor: lastCursor })).page.code).toBe("invalid_request");
});

test("an order by a number that books lack comes to its end", async () => {
  const given = Array.from({ length: 260 }, (_, index) => ({
    title: `无字天书${index}`,
    words: index < 30 ? BigInt(index) : null,
  }));
  await world.add(...given);
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 12; pages++) {
    const { page } = await ask({ q: "无字天书", sort: "words", limit: "30", ...(cursor !== null && { cursor }) });
    seen.push(...allTitles(page));
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  expect([cursor, seen.length, new Set(seen).size]).toEqual([null, 260, 260]);
  expect(seen.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, index) => `无字天书${29 - index}`));
}, 60_000);

test("a book that has but the characters of a query, however often, is recommended and no near-certain match", async () => {
  const often = "哈".repeat(100);
  const laughing = {
    title: "哈".repeat(20),
    author: "哈".repeat(20),
    intro: "哈".repeat(2_000),
    category: often,
    sub_category: often,
  };
  await world.add(laughing);
  const { page } = await ask({ q: often });
  expect([titles(page.exact), titles(page.matches), titles(page.recommended)[0]]).toEqual([[], [], laughing.title]);
});

/** A cursor into a point in time. */
async function farCursor(): Promise<string> {
  let cursor: string | null = null;
  for (let pages = 0; pages < 5; pages++) {
    const { page } = await ask({ q: "稳如泰山", limit: pages < 4 ? "50" : "10", ...(cursor !== null && { cursor }) });
    cursor = page.nextCursor;
  }
  return cursor ?? "";
}

test("a cursor of an index that a rebuild has taken the place of, and that was dropped, is lost", async () => {
  const { client, index } = world;
  const live = Object.keys(await client.indices.getAlias({ name: index.alias }))[0] ?? "";
  const before = `${live}-before`;
  await client.indices.create({ index: before, ...structuredClone(booksIndex) } as never);
  const swap = (to: string, from: string) =>
    client.indices.updateAliases({
      actions: [{ remove: { index: from, alias: index.alias } }, { add: { index: to, alias: index.alias } }],
    });
  const { hits } = await client.search({ index: live, size: 1_000 });
  const copied = hits.hits.flatMap(({ _id, _source }) => [{ index: { _id } }, _source as object]);
  await client.bulk({ index: before, operations: copied, refresh: true });
  await swap(before, live);
  const cursor = await farCursor();
  expect((await ask({ q: "稳如泰山", limit: "10", cursor })).status).toBe(200);
  await swap(live, before);
  expect((await ask({ q: "稳如泰山", limit: "10", cursor })).status).toBe(200);
  await client.indices.delete({ index: before });
  const { status, page } = await ask({ q: "稳如泰山", limit: "10", cursor });
  expect([status, page.code]).toEqual([410, "search_cursor_lost"]);
});

test("a point in time that is gone is a 410 with a code", async () => {
  const cursor = await farCursor();
  const pit = JSON.parse(Buffer.from(cursor, "base64url").toString())[6] as string;
  await world.client.closePointInTime({ id: pit });
  const { status, page } = await ask({ q: "稳如泰山", limit: "10", cursor });
  expect([status, page.code]).toEqual([410, "search_cursor_lost"]);
});

test("a cursor that the engine cannot read is lost too", async () => {
  const place = async (pages: number) => {
    let cursor: string | null = null;
    for (let page = 0; page < pages; page++) {
      const limit = page < 4 ? "50" : "10";
      const answer = await ask({ q: "稳如泰山", limit, ...(cursor !== null && { cursor }) });
      cursor = answer.page.nextCursor;
    }
    return JSON.parse(Buffer.from(cursor ?? "", "base64url").toString()) as unknown[];
  };
  const given = await place(5);
  const [pit, after] = given.slice(6) as [string, unknown[]];
  const goOn = async (...of: unknown[]) => {
    const cursor = Buffer.from(JSON.stringify([...given.slice(0, 6), ...of])).toString("base64url");
    const { status, page } = await ask({ q: "稳如泰山", limit: "10", cursor });
    return [status, page.code];
  };
  expect(await goOn(pit, after)).toEqual([200, undefined]);
  const lost = [410, "search_cursor_lost"];
  for (const bad of ["x", "", pit.slice(4), `${pit}AA`]) expect(await goOn(bad, after), bad).toEqual(lost);
  for (const bad of [[], [1], after.map(() => null), after.map(() => "x")]) expect(await goOn(pit, bad)).toEqual(lost);
});

test("only the first page of a search is recorded, for the reader of the token", async () => {
  recorded.length = 0;
  const { page } = await ask({ q: " 斗破苍穹 ", limit: "1" });
  await ask({ q: " 斗破苍穹 ", limit: "1", cursor: page.nextCursor ?? "" });
  await api.fetch("/v1/search?q=%E5%89%91", { headers: { authorization: "" } });
  expect(recorded.map(([reader, keyword]) => [reader, keyword])).toEqual([
    [readerId, "斗破苍穹"],
    [readerId, "剑"],
  ]);
  expect(recorded[0]?.[2]).toBe(page.total);
});

test("a filter that leaves nothing says nothing about the keyword", async () => {
  recorded.length = 0;
  for (const filter of [{}, { words: "long" }, { channel: "female" }, { status: "finished" }, { sort: "heat" }])
    await ask({ q: "剑来", limit: "1", ...filter } as Record<string, string>);
  await ask({ q: "！", sort: "heat" });
  expect(recorded.map(([, , results]) => results === undefined || results > 0)).toEqual([
    ...[true, true, true, true, true],
    false,
  ]);
  expect(recorded.slice(1, 3).map(([, , results]) => results)).toEqual([undefined, undefined]);
});

test.each([
  ["三国", "三国演义", "罗贯中", "sanguo", "sg"],
  ["红楼", "红楼梦", "曹雪芹", "honglou", "hl"],
  ["诡秘", "诡秘之主", "爱潜水的乌贼", "guimi", "gm"],
])(
  "%s, the subject of many titles, finds the most read book that begins with it",
  async (subject, title, author, ...typed) => {
    const fan = Array.from({ length: 14 }, (_, index) => ({ title: `${subject}：从零开始${index}`, heat: index }));
    await world.add(...fan, { title, author, heat: 1_000 });
    const { page } = await ask({ q: subject });
    expect([titles(page.exact), titles(page.matches)[0]]).toEqual([[], title]);
    expect((await suggest(subject))[0]?.[0]).toBe(title);
    for (const q of typed) {
      expect(allTitles((await ask({ q })).page)[0]).toBe(title);
      expect((await suggest(q))[0]?.[0]).toBe(title);
    }
  },
);

test("a title's beginning finds its book with the author, and with the number of a volume alone", async () => {
  await world.add(
    { title: "球状闪电：序章", author: "刘慈欣" },
    { title: "超新星II：纪元", author: "刘慈欣" },
    { title: "超新星II纪元考", author: "某", heat: 500 },
  );
  expect(titles((await ask({ q: "球状闪电 刘慈欣" })).page.exact)).toEqual(["球状闪电：序章"]);
  expect(titles((await ask({ q: "超新星II" })).page.exact)).toEqual(["超新星II：纪元"]);
});

async function suggest(q: string) {
  const response = await api.fetch(`/v1/search/suggest?${new URLSearchParams({ q })}`);
  const { items } = (await response.json()) as { items: { title: string; matched: string; marks: number[][] }[] };
  return items.map(({ title, matched, marks }) => [title, matched, marks]);
}

test("suggestions begin with the first letter: titles, authors, pinyin, initials", async () => {
  expect(await suggest("斗破")).toEqual([
    ["斗破苍穹之无上之境", "title", [[0, 2]]],
    ["斗破苍穹", "title", [[0, 2]]],
  ]);
  expect((await suggest("d")).map(([title]) => title)).toEqual(["斗破苍穹之无上之境", "斗罗大陆", "斗破苍穹"]);
  expect(await suggest("dpc")).toEqual([
    ["斗破苍穹之无上之境", "pinyin", []],
    ["斗破苍穹", "pinyin", []],
  ]);
  expect(await suggest("天蚕")).toEqual([["斗破苍穹", "author", [[0, 2]]]]);
  expect(await suggest("tct")).toEqual([["斗破苍穹", "authorPinyin", []]]);
  expect(await suggest("稳如")).toHaveLength(10);
});

test("a title typed in full is suggested first, however many longer ones are read more", async () => {
  const of = async (typed: string) => (await suggest(typed)).map(([title]) => title);
  expect(await of("斗破苍穹")).toEqual(["斗破苍穹", "斗破苍穹之无上之境"]);
  expect(await of("doupocangqiong")).toEqual(["斗破苍穹", "斗破苍穹之无上之境"]);
  // Of 231 books, more than ten begin with this one's title.
  expect((await of("稳如泰山2"))[0]).toBe("稳如泰山2");
});

test("an author typed in full comes before the titles that contain the name, and those that begin with it before the others", async () => {
  const containing = Array.from({ length: 12 }, (_, index) => ({ title: `我的墨染${index}`, heat: 500 + index }));
  const beginning = Array.from({ length: 3 }, (_, index) => ({ title: `墨染春秋${index}`, heat: index }));
  await world.add(
    ...containing,
    ...beginning,
    { title: "山海", author: "墨染" },
    { title: "江湖", author: "墨染天下" },
  );
  const matched = (await suggest("墨染")).map(([title, by]) => [title, by]);
  expect(matched).toEqual([
    ["山海", "author"],
    ...[2, 1, 0].map((index) => [`墨染春秋${index}`, "title"]),
    ["江湖", "author"],
    ...[11, 10, 9, 8, 7].map((index) => [`我的墨染${index}`, "title"]),
  ]);
  expect((await suggest("moran")).map(([title, by]) => [title, by]).slice(0, 5)).toEqual([
    ["山海", "authorPinyin"],
    ...[2, 1, 0].map((index) => [`墨染春秋${index}`, "pinyin"]),
    ["江湖", "authorPinyin"],
  ]);
});

type CourseAnswer = { items: Item[]; counts: number; accurate: object; match: Item[]; recommends_list: Item[] };
async function course(path: string, query: Record<string, string>) {
  return (await api.fetch(`/search/${path}?${new URLSearchParams(query)}`)).json() as Promise<CourseAnswer>;
}

test("the course's tags are titles, and say what is hot", async () => {
  expect(await course("tags", { key_word: "斗" })).toEqual([
    { title: "斗破苍穹之无上之境", isHot: false },
    { title: "斗罗大陆", isHot: true },
    { title: "斗破苍穹", isHot: false },
  ]);
  expect(await course("tags", {})).toEqual([]);
});

test("the course's books come in numbered pages", async () => {
  const { items, ...pages } = await course("books", { key_word: "稳如泰山", page: "2", pagesize: "20" });
  expect(pages).toEqual({ counts: 231, pagesize: 20, pages: 12, page: 2 });
  expect(titles(items)[0]).toBe("稳如泰山210");
  expect((await course("books", { key_word: "！" })).counts).toBe(0);
});

test("the course's recommendations have one exact book, two that match, four others, and count the word", async () => {
  recorded.length = 0;
  const { accurate, match, recommends_list } = await course("recommends", { key_word: "斗破苍穹" });
  expect(accurate).toMatchObject({ title: "斗破苍穹", author: "天蚕土豆", state: 2, category_name: "玄幻" });
  expect(titles(match)).toEqual(["斗破苍穹之无上之境"]);
  expect(recommends_list).toHaveLength(4);
  expect(recorded.map(([, keyword]) => keyword)).toEqual(["斗破苍穹"]);
  expect((await course("recommends", { key_word: "剑道" })).accurate).toEqual({});
});

test("the course's recommendations have all books of an author: one exact, two that match, others first of the rest", async () => {
  const author = "猫腻";
  const books = ["庆余年", "间客", "将夜"].map((title, index) => ({
    title,
    author,
    category: "武侠",
    heat: 30 - index,
  }));
  await world.add(...books.slice(0, 2));
  const lists = async () => {
    const { accurate, match, recommends_list } = await course("recommends", { key_word: author });
    return [titles([accurate as Item]), titles(match), titles(recommends_list)];
  };
  expect(await lists()).toEqual([["庆余年"], ["间客"], []]);
  await world.add(...books.slice(2));
  expect(await lists()).toEqual([["庆余年"], ["间客", "将夜"], []]);
  await world.add(
    { title: "猫腻的书", author: "某人", category: "武侠", heat: 20 },
    { title: "择天记", author, category: "武侠", heat: 1 },
    { title: "刀剑笑", author: "无名", category: "武侠", heat: 99 },
  );
  expect(await lists()).toEqual([["庆余年"], ["间客", "将夜"], ["择天记", "猫腻的书", "刀剑笑"]]);
});

test("what is punctuation alone finds books of that name, not all of them", async () => {
  await world.add({ title: "？！" });
  expect(allTitles((await ask({ q: "？！" })).page)[0]).toBe("？！");
  expect((await ask({ q: "！" })).page).toMatchObject({ total: 0, exact: [], matches: [], recommended: [] });
});

test("bad requests are told so", async () => {
  for (const query of [
    { q: "" },
    { q: "  " },
    { q: "长".repeat(101) },
    { q: "剑", sort: "price" },
    { q: "剑", cursor: "x" },
  ]) {
    expect((await ask(query as Record<string, string>)).page.code).toBe("invalid_request");
  }
});

test("without its index, and without a server, searches are a 503 with a code", async () => {
  await world.client.indices.delete({ index: `${world.index.alias}-1` });
  expect(await ask({ q: "剑" })).toMatchObject({ status: 503, page: { code: "search_unavailable" } });
  await world.make();
  expect(await ask({ q: "剑" })).toMatchObject({ status: 200, page: { total: 0 } });
});
