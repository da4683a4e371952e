import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UnusableBookFile } from "../../src/library-import/parsedBook.ts";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";

const titlesOf = (text: string) => parseTxt(text, "无题").chapters.map(({ title }) => title);

describe("chapters", () => {
  test("are cut at the headings, blank lines around a text dropped, those inside kept", () => {
    const { chapters } = parseTxt(
      "《书》\n\n第一回 甲　乙\n\n　　一。\n\n　　二。\n\n第二回 丙　丁\n　　三。\n\n",
      "x",
    );
    expect(chapters).toEqual([
      { no: 1, title: "第一回 甲　乙", volume: null, kind: "chapter", text: "　　一。\n\n　　二。" },
      { no: 2, title: "第二回 丙　丁", volume: null, kind: "chapter", text: "　　三。" },
    ]);
  });

  test("have LF ends whatever the file has, and no byte-order mark", () => {
    const { title, chapters } = parseTxt("\uFEFF《书》\r\n第一章 风\r\n　　一。\r\n　　二。\r　　三。\n", "x");
    expect(title).toBe("书");
    expect(chapters.map(({ text }) => text)).toEqual(["　　一。\n　　二。\n　　三。"]);
  });

  test("may be empty", () => {
    expect(parseTxt("第一章\n第二章\n　　有字。", "x").chapters.map(({ text }) => text)).toEqual(["", "　　有字。"]);
  });

  test("come after a preface if other text stands before them", () => {
    const { chapters } = parseTxt("《书》\n作者：某人\n\n自序\n　　写在前面。\n\n第一章 开端\n　　正文。", "x");
    expect(chapters).toEqual([
      { no: 1, title: "自序", volume: null, kind: "preface", text: "　　写在前面。" },
      { no: 2, title: "第一章 开端", volume: null, kind: "chapter", text: "　　正文。" },
    ]);
  });

  test("come after a preface called 前言 if it has no name of its own", () => {
    const { chapters } = parseTxt("《书》\n　　写在前面。\n第一章\n　　正文。", "x");
    expect(chapters[0]).toEqual({ no: 1, title: "前言", volume: null, kind: "preface", text: "　　写在前面。" });
  });
});

describe("a heading is", () => {
  test.each([
    "第一章",
    "第12章 风起",
    "第１２章　风起",
    "第 十 二 章 风起",
    "第一百零二回 宁国府骨肉病灾祲　大观园符水驱妖孽",
    "第二〇三章：雨",
    "第两千章 雪",
    "第壹佰贰拾叁回　霜",
    "第三章、月",
    "第四章 你是谁？",
    `第五章 ${"长".repeat(35)}`,
  ])("%s", (heading) => {
    expect(titlesOf(`《书》\n${heading}\n　　正文。`)).toEqual([heading]);
  });

  test("indented with spaces of either width", () => {
    expect(titlesOf("  　第二章　风起　 \n　　正文。")).toEqual(["第二章　风起"]);
  });
});

describe("no heading is", () => {
  test.each([
    ["a sentence that begins like one", "　　第四章中既将薛家母子在荣府中寄居等事略已表明，此章暂可不写了。"],
    ["a short sentence that begins like one", "第四章里说过。"],
    ["a sentence behind a space", "第四章 书中说到此处，天已大亮。"],
    ["half a sentence, hard-wrapped", "第四章 书中说到此处，"],
    ["a title of 36 characters", `第四章 ${"长".repeat(36)}`],
    ["a number in the midst of a line", "且看 第四章 风起"],
    ["a unit without a number", "第章 风起"],
    ["the lesser of two units", "第四回 风起"],
  ])("%s", (_what, line) => {
    const { chapters } = parseTxt(["第一章 开端", "　　正文。", line, "第二章 后来", "　　又一段。"].join("\n"), "x");
    expect(chapters.map(({ title }) => title)).toEqual(["第一章 开端", "第二章 后来"]);
    expect(chapters[0]?.text).toBe(`　　正文。\n${line}`);
  });
});

describe("the book", () => {
  const front = (...lines: string[]) => {
    const {
      chapters,
      account: _1,
      ifNew: _2,
      ...book
    } = parseTxt([...lines, "第一章", "　　正文。"].join("\n"), "download");
    return { ...book, prefaces: chapters.filter(({ kind }) => kind === "preface").map(({ text }) => text) };
  };
  const unsaid = { author: undefined, intro: undefined, channel: undefined, category: undefined, status: undefined };

  test("is described by the lines before its first heading", () => {
    const lines = ["《灯》", "作者：某人", "分类：童话", "", "频道：女频", "状态：连载", "简介：一盏灯。"];
    expect(front(...lines)).toEqual({
      title: "灯",
      author: "某人",
      intro: "一盏灯。",
      channel: "female",
      category: "童话",
      status: "serialising",
      prefaces: [],
    });
  });

  test.each([
    ["《灯》作者：某人", "灯", "某人"],
    ["书名：《灯》", "灯", undefined],
  ])("has its title from %s", (line, title, author) => {
    expect(front(line)).toEqual({ ...unsaid, title, author, prefaces: [] });
  });

  test("has no title if no line is one; the file's name is a guess", () => {
    expect(front("　　天上下着雨，我坐在窗前。")).toEqual({
      ...unsaid,
      title: undefined,
      prefaces: ["　　天上下着雨，我坐在窗前。"],
    });
    expect(parseTxt("第一章\n　　正文。", "《灯》作者：某人")).toMatchObject({
      title: undefined,
      author: undefined,
      ifNew: { title: "灯", author: "某人" },
    });
  });

  test.each([
    ["a name that says nothing", "download", "灯下的渡口\n", undefined, "灯下的渡口"],
    ["such a name and an author below it", "download", "灯下的渡口\n作者：某人\n", "灯下的渡口", undefined],
    ["a name that is the same", "灯下的渡口", "灯下的渡口\n", "灯下的渡口", undefined],
    ["a name of other marks", "《灯下的渡口》第二部", "灯下的渡口\n", undefined, "灯下的渡口第二部"],
    ["another name", "雪夜书", "灯下的渡口\n", undefined, "雪夜书"],
  ])("has a first line as its title, or as a guess: %s", (_, fileName, line, title, guessed) => {
    const book = parseTxt(`${line}第一章\n　　正文。`, fileName);
    expect(book.title).toBe(title);
    if (title === undefined) expect(book.ifNew?.title).toBe(guessed);
  });

  test("is not described by a line of the preface, nor by a value that is none", () => {
    expect(front("《灯》", "　　前面的话。", "作者：某人")).toMatchObject({
      author: undefined,
      prefaces: ["　　前面的话。\n作者：某人"],
    });
    expect(front("《灯》", "频道：toString")).toMatchObject({ channel: undefined, prefaces: ["频道：toString"] });
  });
});

describe("a text without headings", () => {
  test("is one chapter if it is short", () => {
    expect(parseTxt("《书》\n\n　　只有正文。\n", "x").chapters).toEqual([
      { no: 1, title: "正文", volume: null, kind: "chapter", text: "　　只有正文。" },
    ]);
  });

  test("is cut at paragraph ends if it is long, and loses nothing", () => {
    const paragraphs = Array.from(
      { length: 400 },
      (_, index) => `　　这是第${index}段，${"天地玄黄".repeat(index % 30)}。`,
    );
    const { chapters } = parseTxt(paragraphs.join("\n"), "x");
    expect(chapters.map(({ title }) => title)).toEqual(chapters.map((_, index) => `第${index + 1}节`));
    expect(chapters.map(({ text }) => text).join("\n")).toBe(paragraphs.join("\n"));
    for (const { text } of chapters) {
      expect(text.length).toBeGreaterThan(1_900);
      expect(text.length).toBeLessThan(6_200);
    }
  });

  test("nor any other text is refused", () => {
    expect(() => parseTxt("《书》\n", "x")).toThrow(UnusableBookFile);
  });
});

test("a novel written out and parsed is the same novel", () => {
  const chinese = fc.string({
    unit: fc.constantFrom(..."天地玄黄宇宙洪荒第回章一二，。「」"),
    minLength: 1,
    maxLength: 40,
  });
  const paragraph = chinese.map((words) => `　　说${words}`);
  const title = fc.string({ unit: fc.constantFrom(..."日月盈昃辰宿列张"), minLength: 0, maxLength: 35 });
  const chapter = fc.record({ title, text: fc.array(paragraph, { maxLength: 8 }).map((lines) => lines.join("\n")) });
  const novel = fc.record({
    unit: fc.constantFrom("回", "章"),
    lineEnd: fc.constantFrom("\n", "\r\n"),
    chapters: fc.array(chapter, { minLength: 1, maxLength: 120 }),
  });
  fc.assert(
    fc.property(novel, ({ unit, lineEnd, chapters }) => {
      const written = chapters.map(({ title, text }, index) => ({
        title: `第${index + 1}${unit} ${title}`.trim(),
        text,
      }));
      const file = written.map(({ title, text }) => `${title}\n${text}\n`).join("\n");
      const parsed = parseTxt(`《书》\n\n${file}`.replaceAll("\n", lineEnd), "x").chapters;
      expect(parsed.map(({ title, text }) => ({ title, text }))).toEqual(written);
    }),
  );
});
