import { open } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { defaultMappingFile, placementOf, readMapping } from "../../src/library-import/jsonl/categories.ts";
import { parseJson } from "../../src/library-import/jsonl/json.ts";
import { bookFolder, booksOf } from "./bookFiles.ts";

const folder = bookFolder();
const lines = (...records: readonly (object | string)[]) =>
  records.map((record) => (typeof record === "string" ? record : JSON.stringify(record))).join("\n");

test("integers beyond 2^53 keep their digits, those in strings and the others stay as they are", () => {
  const source =
    '{"id": 9223372036854775807, "list": [-12345678901234567890, 1.5e3, 42], "s": "x\\" 9223372036854775807"}';
  expect(parseJson(source)).toEqual({
    id: "9223372036854775807",
    list: ["-12345678901234567890", 1500, 42],
    s: 'x" 9223372036854775807',
  });
});

describe("a catalogue", () => {
  test("gives a book a line, cleaned and placed; what it does not say is undefined", async () => {
    const path = await folder.write(
      "books.jsonl",
      lines(
        '{"bookId": 9007199254740993123, "title": " 剑\\u0000来<b>&amp;</b> ", "author": "某&nbsp;人", "cover": "//static.zongheng.com/a.jpg", "category": "武侠仙侠", "cateFineId": 8102, "serialStatus": 1, "intro": "一。\\r 二。<script>x</script>", "url": "https://www.zongheng.com/book/1.html"}',
        "",
        {
          bid: "7",
          title: "夜",
          author: "",
          cover: "javascript:alert(1)",
          category: "新类",
          subCategory: "新",
          status: "连载",
          intro: "",
          bookUrl: "https://www.qidian.com/book/7/",
          words: "123.4万字",
        },
      ),
    );
    expect(await booksOf(path)).toEqual([
      {
        title: "剑来&",
        author: "某 人",
        intro: "一。\n二。",
        channel: "male",
        category: "仙侠",
        subCategory: undefined,
        status: "finished",
        words: undefined,
        coverUrl: "https://static.zongheng.com/a.jpg",
        source: { name: "zongheng", id: "9007199254740993123" },
        ifNew: { source: { name: "zongheng", id: "9007199254740993123" } },
        encoding: "utf-8",
        chapters: [],
      },
      expect.objectContaining({
        author: undefined,
        intro: undefined,
        channel: undefined,
        category: undefined,
        subCategory: undefined,
        ifNew: { channel: "male", category: "其他", source: { name: "qidian", id: "7" } },
        status: "serialising",
        words: 1_234_000,
        coverUrl: undefined,
        source: { name: "qidian", id: "7" },
      }),
    ]);
  });

  test("takes a book once, the same id of another source too, and tells the lines that it leaves out", async () => {
    const skipped: [number, string][] = [];
    const path = await folder.write(
      "twice.jsonl",
      lines(
        { id: 1, title: "甲", url: "https://www.qidian.com/1" },
        { id: 1, title: "甲", url: "https://www.qidian.com/1" },
        { id: "1", title: "甲", url: "https://www.zongheng.com/1" },
        "{broken",
        "[1]",
        { id: 2, title: "<i></i>" },
        { title: "无号" },
      ),
    );
    const books = await booksOf(path, { onSkip: (line, reason) => skipped.push([line, reason]) });
    expect(books.map(({ source }) => source)).toEqual([
      { name: "qidian", id: "1" },
      { name: "zongheng", id: "1" },
    ]);
    expect(skipped.map(([line]) => line)).toEqual([2, 4, 5, 6, 7]);
    expect(skipped[0]![1]).toBe("qidian 1 was there before");
  });

  test("is read as it is asked for", async () => {
    const record = JSON.stringify({ title: "书", intro: "长".repeat(500), key: "KEY" });
    const path = await folder.write(
      "long.jsonl",
      Array.from({ length: 5_000 }, (_, index) => record.replace("KEY", String(index))).join("\n"),
    );
    const read: number[] = [];
    const { readBooks } = await import("../../src/library-import/readBooks.ts");
    for await (const _book of readBooks(path, { onRead: (bytes) => read.push(bytes) })) break;
    expect(read).toHaveLength(1);
    expect((await booksOf(path)).length).toBe(5_000);
  });

  test("leaves a line out that is too long or no UTF-8, never the file", async () => {
    const good = (id: number) => Buffer.from(`{"id": ${id}, "title": "书${id}"}\n`);
    const long = Buffer.from(`{"id": 9, "title": "${"a".repeat(9 * 1024 * 1024)}"}\n`);
    const bad = Buffer.from([...Buffer.from('{"id": 8, "title": "'), 0xb5, 0xda, ...Buffer.from('"}\n')]);
    const skipped: string[] = [];
    const path = await folder.write("some.jsonl", Buffer.concat([good(1), bad, long, good(2)]));
    const books = await booksOf(path, { onSkip: (line, reason) => skipped.push(`${line} ${reason}`) });
    expect(books.map(({ title }) => title)).toEqual(["书1", "书2"]);
    expect(skipped).toEqual(["2 is not UTF-8", "3 is longer than 8 MiB"]);
    await expect(booksOf(await folder.write("long.jsonl", long))).rejects.toThrow("line 1 is longer than 8 MiB");
    await expect(booksOf(await folder.write("bad.jsonl", bad))).rejects.toThrow("line 1 is not UTF-8");
    await expect(booksOf(await folder.write("none.jsonl", '{"a": 1}\n'))).rejects.toThrow("no line that is a book");
    await expect(booksOf(await folder.write("array.json", '[{"title": "x"}]'))).rejects.toThrow("one JSON array");
  });
});

test("a book of too many chapters is left out, and the next one is not", async () => {
  const chapter = (book: string) => JSON.stringify({ book, index: 0, title: "回", content: "文" });
  const long = Array.from({ length: 30_005 }, () => chapter("长"));
  const path = await folder.write("books.jsonl", [chapter("短"), ...long, chapter("后"), chapter("后")].join("\n"));
  const skipped: string[] = [];
  const books = await booksOf(path, { onSkip: (line, reason) => skipped.push(`${line} ${reason}`) });
  expect(books.map(({ title, chapters }) => [title, chapters.length])).toEqual([
    ["短", 1],
    ["后", 2],
  ]);
  expect(skipped).toEqual(["30002 makes the book 《长》 too long: it is left out"]);
});

test("chapters one a line make a book, described by the file beside it and the same as in the catalogue", async () => {
  await folder.write(
    "灯.info.json",
    JSON.stringify({ name: "灯", bookType: "世态人情", words: 12, author: { name: "某人" }, intro: "一盏灯。" }),
  );
  const path = await folder.write(
    "灯.jsonl",
    lines(
      { book: "灯", index: 0, title: "楔子　夜", content: "楔子 夜\n\n　　天黑了。\n" },
      { book: "灯", index: 1, title: "第一回", content: "　　一&lt;二。<br>三。" },
      { book: "影", index: 0, title: "", content: "另一本。" },
    ),
  );
  const [book, other] = await booksOf(path);
  expect(book).toMatchObject({
    title: "灯",
    author: "某人",
    intro: "一盏灯。",
    channel: "published",
    category: "世态人情",
    words: 12,
    status: undefined,
    ifNew: { source: { name: "classics", id: "世态人情/灯" } },
  });
  expect(book!.chapters).toEqual([
    { no: 1, title: "楔子　夜", volume: null, kind: "preface", text: "　　天黑了。", unstated: ["volume"] },
    { no: 2, title: "第一回", volume: null, kind: "chapter", text: "　　一<二。\n三。", unstated: ["volume"] },
  ]);
  expect(other).toMatchObject({ title: "影", author: undefined, ifNew: { source: undefined } });
  expect(other!.chapters).toMatchObject([{ no: 1, title: "第1章", text: "另一本。", unstated: ["title", "volume"] }]);
});

test("a line without a text is a chapter all the same, and no book of a catalogue", async () => {
  const path = await folder.write(
    "灯.jsonl",
    lines(
      { book: "灯", index: 1, title: "第一回", content: "一。".repeat(50) },
      { book: "灯", index: 2, id: 7, title: "第二回", content: null },
      { index: 3, id: 8, title: "第三回", author: "某人" },
      { book: "灯", index: 4, title: "第四回", content: 4 },
      `{"book": "灯", "index": 5, "content": "${"断".repeat(100)}`,
    ),
  );
  const books = await booksOf(path, { onSkip() {} });
  expect(books.map(({ title, chapters }) => [title, chapters.length])).toEqual([["灯", 4]]);
  expect(books[0]?.chapters.slice(1)).toMatchObject(
    ["第二回", "第三回", "第四回"].map((title) => ({ title, text: "", unstated: ["volume", "text"] })),
  );
  expect(books[0]?.account?.warnings).toEqual([
    "only 42.0 % of the text is in the book: line 5 is no JSON object",
    "3 chapters are without text in the file: 第二回; 第三回; 第四回",
  ]);
});

describe("chapters of a file of texts", () => {
  const ofIndexes = async (...indexes: readonly (number | string | undefined)[]) => {
    const chapters = indexes.map((index, no) => ({ book: "灯", index, title: `回 ${index}.${no}`, content: "文" }));
    const [book] = await booksOf(await folder.write("灯.jsonl", lines(...chapters)));
    return [book!.chapters.map(({ title }) => title.slice(2)).join(" "), ...book!.account!.warnings];
  };
  const asLines = "the chapters have the order of the lines";
  test.each([
    [[0, 1, 2], "0.0 1.1 2.2"],
    [[2, 1, 4, 3, 5, 5], "1.1 2.0 3.3 4.2 5.4 5.5", "lines repeat the index 5: all of them are chapters"],
    [["3", 1, 7], "1.1 3.0 7.2"],
    [[3, 6, 4, 5, 9], "3.0 4.2 5.3 6.1 9.4", "no line has the index 1 to 2, 7 to 8"],
    [[1, 2, 3, 1, 2], "1.0 2.1 3.2 1.3 2.4", `the numbers of index begin again or repeat (1, 2): ${asLines}`],
    [
      [2, 1, undefined],
      "2.0 1.1 undefined.2",
      `1 lines have no index, and the others are not in its order: ${asLines}`,
    ],
  ])("of the index %j are in its order", async (indexes, ...expected) => {
    expect(await ofIndexes(...indexes)).toEqual(expected);
  });

  test("of a book that is in two places of the file are held back in both", async () => {
    const chapter = (book: string, index: number) => ({ book, index, title: `回${index}`, content: "文" });
    const skipped: string[] = [];
    const onSkip = (line: number, reason: string) => skipped.push(`${line} ${reason}`);
    const all = [chapter("灯", 1), chapter("雪", 1), chapter("灯", 2), chapter("河", 1)];
    const books = await booksOf(await folder.write("灯.jsonl", lines(...all)), { onSkip });
    expect(books.map(({ title }) => title)).toEqual(["雪", "河"]);
    const reason = "begins a part of 《灯》, which is in two places of the file: it is left out";
    expect(skipped).toEqual([`1 ${reason}`, `3 ${reason}`]);
  });
});

describe("a file of JSON Lines", () => {
  const some = lines(...[1, 2, 3, 4].map((index) => ({ book: "灯", index, title: `回${index}`, content: "文" })));
  test.each([
    ["a line before the first object", Buffer.from(`# exported\n${some}`), 4],
    ["a broken first line", Buffer.from(`ok": 1}\n${some}`), 4],
    ["a byte-order mark", Buffer.from(`\uFEFF${some}`), 4],
  ])("is one in spite of %s", async (_, content, chapters) => {
    const books = await booksOf(await folder.write("灯.txt", content));
    expect(books.map((book) => book.chapters.length)).toEqual([chapters]);
  });

  test.each([
    [
      "UTF-16 with a mark",
      Buffer.from(`\uFEFF${some}`, "utf16le"),
      "is JSON Lines in utf-16le and no novel; save it as UTF-8",
    ],
    ["UTF-16 without one", Buffer.from(some, "utf16le"), "is JSON Lines in utf-16le and no novel; save it as UTF-8"],
    [
      "UTF-8 behind much else",
      Buffer.from(`${"x\n".repeat(40_000)}${`${some}\n`.repeat(20_000)}`),
      "is JSON Lines in utf-8 and no novel",
    ],
  ])("as %s is no novel", async (_, content, message) => {
    await expect(booksOf(await folder.write("灯.txt", content))).rejects.toThrow(message);
  });
});

test("what is left out with an element is counted, and what has no end is text", async () => {
  const script = `<script>var ad = "${"a".repeat(200)}请记住本站的新地址";</script>`;
  const path = await folder.write(
    "灯.jsonl",
    lines(
      { book: "灯", index: 0, title: "第一回", content: `一${script}。` },
      { book: "灯", index: 1, title: "第二回", content: "二<script>三。\n四。" },
    ),
  );
  const [book] = await booksOf(path);
  expect(book?.chapters.map(({ text }) => text)).toEqual(["一。", "二<script>三。\n四。"]);
  expect(book?.account).toMatchObject({ kept: 15, read: 24 });
  expect(book?.account?.warnings).toEqual([
    "only 62.5 % of the text is in the book: 第一回, 9 letters in an element that is not shown",
  ]);
});

describe("a mapping of categories", () => {
  test("prefers the sub-category, then the category; the source's star is for a new book", async () => {
    const path = await folder.write(
      "mapping.json",
      JSON.stringify({
        s: {
          "玄幻/东方": { channel: "male", category: "东方", subCategory: null },
          玄幻: { channel: "male", category: "玄幻" },
          "*": { channel: "female", category: "杂" },
        },
      }),
    );
    const mapping = await readMapping(path);
    expect(placementOf(mapping, "s", "玄幻", "东方")).toEqual({
      channel: "male",
      category: "东方",
      subCategory: null,
    });
    expect(placementOf(mapping, "s", "玄幻", "异世")).toEqual({
      channel: "male",
      category: "玄幻",
      subCategory: "异世",
    });
    const unknown = { channel: undefined, category: undefined, subCategory: undefined };
    expect(placementOf(mapping, "s", "别的", "x")).toEqual({
      ...unknown,
      ifNew: { channel: "female", category: "杂" },
    });
    expect(placementOf(mapping, "toString", "玄幻", "x")).toEqual({ ...unknown, ifNew: {} });
  });

  test("is refused with what is wrong in it; the one that we ship is sound", async () => {
    expect(Object.keys(await readMapping(defaultMappingFile))).toEqual(["qidian", "zongheng", "classics"]);
    const path = await folder.write("wrong.json", '{"s": {"x": {"channel": "other", "category": "x"}}}');
    await expect(readMapping(path)).rejects.toThrow("s.x.channel");
  });
});

test("200 MB of one line are refused, as text by their size and as JSON by the line, without reading them", async () => {
  for (const [start, message] of [
    ["第一章", "is larger than 64 MiB"],
    ['{"title": "', "is longer than 8 MiB"],
  ] as const) {
    const path = await folder.write("huge", start);
    const file = await open(path, "r+");
    await file.truncate(200 * 1024 * 1024);
    await file.close();
    const before = process.memoryUsage().rss;
    await expect(booksOf(path)).rejects.toThrow(message);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  }
});

test.each([
  ["an empty file", Buffer.alloc(0), "is empty"],
  ["a picture that is called .txt", Buffer.from("89504e470d0a1a0a0000000d", "hex"), "is a PNG picture"],
  ["a PDF", Buffer.from("%PDF-1.7\n"), "is a PDF"],
  ["a text with NUL characters", Buffer.from("第一章\n　　正\0文。"), "NUL"],
  ["one line of a million characters and more", Buffer.from("长".repeat(1_000_001)), "line 1 is longer than"],
])("%s is refused", async (name, content, message) => {
  const path = await folder.write(`${name}.txt`, content);
  await expect(booksOf(path)).rejects.toThrow(message);
});
