import { describe, expect, test } from "vitest";
import { numberOf } from "../../src/library-import/txt/numerals.ts";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";

/** About 400 characters of text, different for each chapter. */
const text = (no: number) =>
  Array.from(
    { length: 8 },
    (_, line) => `　　这是第${no}段里的第${line}句话，他说：“${"天地玄黄宇宙洪荒".repeat(4)}。”`,
  ).join("\n");
const numerals = "零一二三四五六七八九十";
const zh = (no: number) =>
  no <= 10 ? numerals[no]! : no < 20 ? `十${numerals[no - 10]}` : `二十${numerals[no - 20] ?? ""}`;
const count = 12;
const numbers = Array.from({ length: count }, (_, index) => index + 1);
const words =
  "Thirteen Fourteen Fifteen Sixteen Seventeen Eighteen Nineteen Twenty Twenty-One Twenty-Two Twenty-Three Twenty-Four".split(
    " ",
  );
const novel = (heading: (no: number) => string, front = "某书\n作者：某人\n\n") =>
  front + numbers.map((no) => `${heading(no)}\n\n${text(no)}\n`).join("\n");
const found = (source: string) =>
  parseTxt(source, "x").chapters.map(({ title, volume, kind }) =>
    [title, ...(volume === null ? [] : [volume]), ...(kind === "chapter" ? [] : [kind])].join(" | "),
  );

test.each([
  ["12", 12],
  ["１２", 12],
  ["一二〇", 120],
  ["一百零五", 105],
  ["十二", 12],
  ["两千", 2000],
  ["壹佰贰拾叁", 123],
  ["二 十 三", 23],
  ["廿五", 25],
  ["—百", 100],
  ["一万二千", 12000],
  ["风", undefined],
  ["9999999", undefined],
])("%s is %s", (written, value) => {
  expect(numberOf(written)).toBe(value);
});

describe("chapters are found that are written", () => {
  test.each<[string, (no: number) => string, ((no: number) => string)?]>([
    ["第一章 风", (no) => `第${zh(no)}章 风${no}`],
    ["第一章风, without a separator", (no) => `第${zh(no)}章风${no}`],
    ["第 十 二 回", (no) => `第 ${[...zh(no)].join(" ")} 回　风${no}`],
    [
      "第１节 without titles",
      (no) => `第${String.fromCharCode(...[...String(no)].map((digit) => digit.charCodeAt(0) + 0xfee0))}节`,
    ],
    ["卷一 as the only unit", (no) => `卷${zh(no)} 风`],
    ["【第一章】风", (no) => `【第${zh(no)}章】风${no}`, (no) => `第${zh(no)}章 风${no}`],
    ["正文 第一章 风", (no) => `正文 第${zh(no)}章 风`, (no) => `第${zh(no)}章 风`],
    ["某书 第一章 风", (no) => `某书 第${zh(no)}章 风`, (no) => `第${zh(no)}章 风`],
    ["☆、第1章 风 www.abc.com", (no) => `☆、第${no}章 风 www.abc.com`, (no) => `第${no}章 风`],
    ["Chapter Thirteen to Twenty-Four", (no) => `Chapter ${words[no - 1]}`],
    ["EP1 风", (no) => `EP${no} 风${no}`],
    ["章一 风", (no) => `章${zh(no)} 风${no}`],
    ["其一", (no) => `其${zh(no)}`],
    [
      "第1章 风, with what a site tells behind it",
      (no) => `第${no}章 风${no} 更新时间:2012-3-${no} 10:00:00 本章字数:3012`,
      (no) => `第${no}章 风${no}`,
    ],
    ["1、风", (no) => `${no}、风${no}`],
    ["001 风", (no) => `${String(no).padStart(3, "0")} 风${no}`],
    ["01风", (no) => `${String(no).padStart(2, "0")}风声`],
    ["1", (no) => String(no)],
    ["一", (no) => zh(no)],
    ["（一）", (no) => `（${zh(no)}）`],
    ["Chapter 1", (no) => `Chapter ${no}`],
    ["第一章（上）", (no) => `第${zh(Math.ceil(no / 2))}章 风（${no % 2 ? "上" : "下"}）`],
    ["the heading twice", (no) => `第${no}章 风${no}\n\n　　第${no}章 风${no}`, (no) => `第${no}章 风${no}`],
    [
      "number and title on two lines",
      (no) => `第${zh(no)}回\n风起云涌之${zh(no)}`,
      (no) => `第${zh(no)}回 风起云涌之${zh(no)}`,
    ],
    [
      "a couplet on lines of its own",
      (no) => `第${zh(no)}回\n风起云涌\n雨落花开`,
      (no) => `第${zh(no)}回 风起云涌 雨落花开`,
    ],
  ])("%s", (_what, heading, title = heading) => {
    expect(found(novel(heading))).toEqual(numbers.map((no) => title(no)));
  });

  test("in a part of a book, with numbers that are missing, wrong or of another unit", () => {
    const headings = ["第501章 甲", "第502章 乙", "第504章 丁", "第505节 戊", "第506章 己", "第570章 庚", "第508章 辛"];
    expect(found(headings.map((heading, no) => `${heading}\n${text(no)}`).join("\n"))).toEqual(headings);
  });
});

describe("volumes", () => {
  const inVolumes = (heading: (volume: string, no: number) => string) =>
    numbers.map((no) => `${heading(no <= 6 ? "第一卷 起" : "第二卷 落", no)}\n\n${text(no)}\n`).join("\n");
  const restart = (no: number) => `第${zh(((no - 1) % 6) + 1)}章 风${no}`;
  const expected = numbers.map((no) => `${restart(no)} | ${no <= 6 ? "第一卷 起" : "第二卷 落"}`);

  test("stand above chapters whose numbers begin again", () => {
    expect(found(inVolumes((volume, no) => (no % 6 === 1 ? `${volume}\n\n${restart(no)}` : restart(no))))).toEqual(
      expected,
    );
  });

  test("may be repeated above, or beside, each chapter", () => {
    expect(found(inVolumes((volume, no) => `${volume}\n${restart(no)}`))).toEqual(expected);
    expect(found(inVolumes((volume, no) => `${volume} ${restart(no)}`))).toEqual(expected);
  });

  test("hold others, and a short text of their own, which goes to their first chapter", () => {
    const source = `第一部 大\n\n第一卷 小\n\n　　卷首诗。\n\n第一章 甲\n\n${text(1)}\n\n第二章 乙\n\n${text(2)}\n\n番外\n\n第一章 丙\n\n${text(3)}`;
    expect(found(source)).toEqual([
      "第一章 甲 | 第一部 大 第一卷 小",
      "第二章 乙 | 第一部 大 第一卷 小",
      "第一章 丙 | 番外",
    ]);
    expect(parseTxt(source, "x").chapters[0]!.text).toBe(`　　卷首诗。\n\n${text(1)}`);
  });
});

test("序, 楔子, 番外, 尾声 and 后记 are what they are; 正文 above a chapter is nothing", () => {
  const source = `某书\n\n序\n　　是为序。\n\n楔子　夜\n\n${text(0)}\n\n正文\n\n${novel((no) => `第${zh(no)}章 风`, "")}
尾声\n　　完了。\n\n番外一：小事\n\n${text(1)}\n\n番外（二）\n\n${text(2)}\n\n后记\n　　谢谢。\n`;
  expect(found(source)).toEqual([
    "序 | preface",
    "楔子　夜 | preface",
    ...numbers.map((no) => `第${zh(no)}章 风`),
    "尾声 | afterword",
    "番外一：小事",
    "番外（二）",
    "后记 | afterword",
  ]);
});

describe("a table of contents is left out", () => {
  const heading = (no: number) => `第${zh(no)}章 风${no}`;
  const expected = numbers.map(heading);
  test.each([
    ["above the body", `某书\n\n目录\n\n${expected.join("\n")}\n\n`, expected],
    [
      "with numbers of pages",
      `某书\n\n目　录\n${expected.map((title, no) => `${title}……${no * 7}`).join("\n")}\n\n`,
      expected,
    ],
    ["without the word", `某书\n作者：某人\n\n${expected.join("\n")}\n\n`, expected],
    ["of titles only", `某书\n\n目录\n${numbers.map((no) => `风${no}`).join("\n")}\n\n`, expected],
    [
      "with a preface after it",
      `某书\n\n目录\n前言\n${expected.join("\n")}\n\n前言\n　　写在前面。\n\n`,
      ["前言 | preface", ...expected],
    ],
    [
      "with a preface without a name after it",
      `某书\n\n目录\n${expected.join("\n")}\n\n${text(0)}\n\n`,
      ["前言 | preface", ...expected],
    ],
  ])("%s", (_what, front, titles) => {
    const { chapters } = parseTxt(novel(heading, front), "x");
    expect(found(novel(heading, front))).toEqual(titles);
    expect(chapters.at(-1)!.text).toBe(text(count));
  });
});

describe("no headings are", () => {
  const heading = (no: number) => `第${zh(no)}章 风${no}`;
  const withLine = (line: (no: number) => string) =>
    numbers.map((no) => `${heading(no)}\n\n${text(no)}\n${line(no)}\n${text(no)}\n`).join("\n");
  test.each<[string, (no: number) => string]>([
    ["sentences that begin with a number", (no) => `第${zh(Math.max(1, no - 1))}章中既将此事表明`],
    ["sentences with the next number", (no) => `　　第${zh(no + 1)}章里说过，他都记得。`],
    ["ends of chapters", (no) => `（第${zh(no)}章完）`],
    ["lists", (no) => `1、第${no}件事\n2、又一件事\n3、再一件事`],
    ["sections", () => "\n一\n\n　　甲。\n\n二\n"],
    ["banners", () => "本书由 www.txtbook.com 首发，更多精彩小说请访问本站"],
  ])("%s", (_what, line) => {
    expect(found(withLine(line))).toEqual(numbers.map(heading));
  });

  test("the lines of a hard-wrapped text", () => {
    const wrap = (source: string) =>
      source
        .replace(/　/g, "")
        .split("\n")
        .flatMap((line) => line.match(/.{1,26}/gu) ?? [])
        .join("\n");
    const source = numbers
      .map(
        (no) => `${heading(no)}\n${wrap(text(no))}\n第${zh(Math.max(1, no - 2))}章中的那个人又来了\n${wrap(text(no))}`,
      )
      .join("\n");
    expect(found(source)).toEqual(numbers.map(heading));
  });
});

test("what a download site puts around a book is neither preface nor text", () => {
  const front = `==========\n☆本文由某某论坛整理，仅供试阅，请下载后24小时内删除☆\n==========\n书名：某书\n作者：某人\n\n文案：\n　　他来了。\n　　他走了。\n\n内容标签：穿越\n\n`;
  const book = parseTxt(`${novel((no) => `第${no}章 风`, front)}\n更多好书请访问 http://www.txtbook.com\n`, "x");
  expect(book).toMatchObject({ title: "某书", author: "某人", intro: "他来了。\n他走了。" });
  expect(book.chapters).toHaveLength(count);
  expect(book.chapters.at(-1)!.text).toBe(text(count));
});

test("a file of nothing but headings is refused", () => {
  expect(() => parseTxt("第一章\n".repeat(200_001), "x")).toThrow("lines that look like headings");
});

test("numbers that go on in what is otherwise a volume's unit are chapters", () => {
  const source = novel((no) => (no <= 8 ? `第${no}章 风` : `第${no}集 风`));
  expect(found(source)).toEqual(numbers.map((no) => (no <= 8 ? `第${no}章 风` : `第${no}集 风`)));
});

test("a table of contents on one line is none of the text", () => {
  const heading = (no: number) => `第${zh(no)}章 风${no}`;
  const source = novel(heading, `某书\n作者：某人\n\n目录：${numbers.map(heading).join(" ")}\n\n`);
  expect(found(source)).toEqual(numbers.map(heading));
});

test("paragraphs that lost their line ends are found by their indents", () => {
  const heading = (no: number) => `第${zh(no)}章 风${no}`;
  const source = numbers.map((no) => `${heading(no)}${text(no).replaceAll("\n", "")}`).join("\n");
  expect(found(source)).toEqual(numbers.map(heading));
  expect(parseTxt(source, "x").chapters[0]!.text).toBe(text(1));
});

test("thousands of headings with next to no text between them are a list; those of short poems are headings", () => {
  const poems = (words: string) =>
    parseTxt(Array.from({ length: 5_000 }, (_, no) => `第${no + 1}章 无题\n${words}`).join("\n"), "x");
  const list = poems("天地玄黄");
  expect(list.account).toMatchObject({ rule: "a list without text: cut at paragraphs", read: list.account!.kept });
  expect(poems("天地玄黄，宇宙洪荒，日月盈昃，辰宿列张，寒来暑往，秋收冬藏。").chapters).toHaveLength(5_000);
});
