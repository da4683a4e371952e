import type { Case } from "./cases.ts";
import { type Layout, layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const layout = layouts[0]!;
const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
const chapters = (
  count: number,
  lines: (no: number, own: readonly string[]) => readonly string[],
): readonly Written[] =>
  range(count).map((no) => ({ title: `第${zh(no)}章 ${titleOf(no)}`, lines: lines(no, prose(no * 59 + count, 600)) }));
/** Text that could be mistaken for headings, in every chapter. */
const holding = (
  name: string,
  put: readonly string[] | ((no: number) => readonly string[]),
  layout = layouts[0]!,
): Case => {
  const all = chapters(10, (no, own) => [
    ...own.slice(0, 3),
    ...(typeof put === "function" ? put(no) : put),
    ...own.slice(3),
  ]);
  return { name: `body: ${name}`, layout, ...book, chapters: all, text: front + written(all, layout) };
};
const dates = (no: number) => `${3 + Math.floor(no / 10)}月${((no * 3) % 28) + 1}日　${["晴", "雨", "雪"][no % 3]}`;

const bodies: readonly Case[] = [
  holding("第三章 in sentences", [
    "第三章里那个人，后来怎么样了？",
    "他翻到第三章，又合上了。",
    "第三章　　他念出声来，声音越来越低，最后听不见了。",
  ]),
  holding("numbered lists in dialogue", [
    "“听好了，”老周说，“规矩有三条。",
    "一、不许说话。",
    "二、不许回头。",
    "三、不许点灯。",
    "记住了吗？”",
  ]),
  holding("numbered lists with digits", ["1、米二十斤", "2、油两壶", "3、盐一包", "4、灯芯一束"]),
  holding("rules of a school", ["第一条 不得夜出。", "第二条 不得饮酒。", "第三条 违者罚抄《弟子规》一百遍。"]),
  holding("a contract's paragraphs", ["第一款 甲方应于三日内付清。", "第二款 乙方不得转让。"]),
  holding("counting down", ["十", "九", "八", "七", "他闭上了眼睛。"]),
  holding("dates of a diary", (no) => [dates(no), "今天什么也没有发生。"]),
  holding("times", ["22:15", "门响了一下。", "22:17", "又响了一下。"]),
  holding("scores", ["3:2", "第一局 21:19", "第二局 18:21", "第三局 21:15"]),
  holding("a poem of four lines", ["第一愿，且图久远。", "第二愿，恰如雕梁双燕。", "第三愿，薄情相顾恋。"]),
  holding("song titles", ["1. 雪夜", "2. 渡口", "3. 归途"]),
  holding("messages of a game", ["【系统】第一关 通过", "【系统】获得经验 300", "等级：3", "第二关 开始"]),
  holding("rows of stars as breaks", ["***", "※　※　※", "——————"]),
  holding("letters", ["阿宁：", "见字如面。", "老周", "三月七日"]),
  holding("a book within the book", ["《夜航船》第一卷 天文部", "他读了两行就睡着了。"]),
  holding("ps of the author", ["PS：今天更新晚了，抱歉。", "ps:求推荐票，求收藏！"]),
  holding("thanks of the author", ["感谢“雪落无声”的打赏，感谢各位的月票！"]),
  holding("a speech of three parts", ["首先，灯要点上。", "其次，门要关好。", "最后，谁也不许说话。"]),
  holding("sections by bare numbers", (no) => ["一", `他在第${no}夜醒来。`, "二", "他又睡着了。"]),
  holding("sections by stars and numbers", () => ["（1）", "他醒来。", "（2）", "他睡着了。"]),
  holding("第二天 by itself", ["第二天", "雨停了。", "第三天", "雪来了。"]),
  holding("forms of a page: 第 3 页", ["第 3 页", "第 4 页"]),
  holding("a play's persons", ["老周：谁？", "阿宁：我。", "（幕后）第一幕完。"]),
  holding("a short line with 第 behind a name", ["阿宁 第一个到", "老周 第二个到", "小七 第三个到"]),
  holding("measures", ["3 斤米", "5 两油", "12 包盐"]),
  holding("years", ["1937年", "1938年", "1939年", "他都没有回来。"]),
];

/** Files with other entries than chapters, such as diaries. */
const of = (name: string, all: readonly Written[], layout: Layout, text = written(all, layout)): Case => ({
  name: `body: ${name}`,
  layout,
  ...book,
  chapters: all,
  text: front + text,
});
const entries = (line: (no: number) => string, length = 700): readonly Written[] =>
  range(14).map((no) => ({ title: line(no), lines: prose(no * 61, length) }));
const others: readonly Case[] = [
  of("a diary: 3月4日　晴", entries(dates), layouts[0]!),
  of(
    "a diary: 2012年3月4日",
    entries((no) => `2012年${1 + Math.floor(no / 5)}月${((no * 5) % 27) + 1}日`),
    layouts[2]!,
  ),
  of(
    "a diary: 三月四日 星期日",
    entries((no) => `${zh(1 + Math.floor(no / 4))}月${zh(((no * 6) % 27) + 1)}日　星期${"日一二三四五六"[no % 7]}`),
    layouts[3]!,
  ),
];

/** Hard-wrapped, as old files are. */
const wrap = (line: string, width: number) => line.match(new RegExp(`.{1,${width}}`, "gu"))!;
const wrappedCase = (name: string, width: number, indent: string): Case => {
  const all = chapters(10, (_no, own) => own);
  const lines = all.map(({ title, lines }) => ({ title, lines: lines.flatMap((line) => wrap(`　　${line}`, width)) }));
  return {
    name: `body: hard-wrapped at ${width}, ${name}`,
    layout,
    ...book,
    chapters: lines.map(({ title, lines }) => ({ title, lines: lines.map((line) => line.trim()) })),
    text: front + lines.map(({ title, lines }) => `${indent}${title}\n\n${lines.join("\n")}\n`).join("\n"),
  };
};
const wrapped: readonly Case[] = [
  wrappedCase("flush headings", 34, ""),
  wrappedCase("indented headings", 38, "　　"),
  wrappedCase("centred headings", 36, "　　　　　　　　"),
];

const plain = chapters(10, (_no, own) => own);
const encoded = (
  name: string,
  encoding: string,
  change: (text: string) => string = (text) => text,
  lineEnd = "\n",
): Case => ({
  name: `bytes: ${name}`,
  layout: { ...layout, lineEnd },
  ...book,
  chapters: plain,
  encoding,
  text: change(front + written(plain, layout)),
});
const bytes: readonly Case[] = [
  encoded("GBK, CRLF", "gbk", undefined, "\r\n"),
  encoded("GBK, CR alone", "gbk", undefined, "\r"),
  encoded("GB18030 with a mark", "gb18030", (text) => `\ufeff${text}`),
  encoded("UTF-8 with a mark twice", "utf8", (text) => `\ufeff\ufeff${text}`),
  encoded("UTF-8, CR CR LF", "utf8", undefined, "\r\r\n"),
  encoded("UTF-16 without a mark, CRLF", "utf16-le", undefined, "\r\n"),
  encoded("UTF-8 with zero-width characters in headings", "utf8", (text) => text.replaceAll("章 ", "\u200b章\u200b ")),
  encoded("UTF-8 with no-break spaces as indent", "utf8", (text) =>
    text.replaceAll("　　", "\u00a0\u00a0\u00a0\u00a0"),
  ),
  encoded("tabs as indent", "utf8", (text) => text.replaceAll("　　", "\t")),
  encoded("&nbsp; as indent", "utf8", (text) => text.replaceAll("　　", "&nbsp;&nbsp;&nbsp;&nbsp;")),
  encoded("<br> at line ends", "gbk", (text) => text.replaceAll("\n", "<br />\n")),
  encoded("<p> around paragraphs", "utf8", (text) =>
    text
      .split("\n")
      .map((line) => (line === "" ? "" : `<p>${line}</p>`))
      .join("\n"),
  ),
  encoded("a form feed between chapters", "utf8", (text) => text.replaceAll("\n第", "\n\f第")),
];

export const bodyCases: readonly Case[] = [...bodies, ...others, ...wrapped, ...bytes];
