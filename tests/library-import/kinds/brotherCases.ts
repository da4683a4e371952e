import { Converter } from "opencc-js/cn2t";
import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

/** Variants of the files of faults/README.md: other words, numbers, units and scripts. */
const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
const chapters = (count: number, line: (no: number) => string, length = 700): readonly Written[] =>
  range(count).map((no) => ({ title: line(no), lines: prose(no * 73 + count, length) }));
const titled = (unit: string) => (no: number) => `第${zh(no)}${unit} ${titleOf(no)}`;
const made = (name: string, no: number, chapters: readonly Written[], text?: string, top = front): Case => {
  const layout = layouts[no % layouts.length]!;
  return { name: `brother: ${name}`, layout, ...book, chapters, text: top + (text ?? written(chapters, layout)) };
};
const rows = (lines: readonly string[], by: number, between: string) =>
  range(Math.ceil(lines.length / by))
    .map((row) => lines.slice((row - 1) * by, row * by).join(between))
    .join("\n");
/** Contents above a body whose headings `line` writes. */
const listed = (name: string, no: number, list: string, body: readonly Written[], line?: (title: string) => string) =>
  made(name, no, body, `${list}\n\n${written(body, layouts[no % layouts.length]!, line)}`);

const hui = chapters(18, titled("回"));
const zhang = chapters(14, titled("章"), 1_000);
const titles = (some: readonly Written[]) => some.map(({ title }) => title);
const contents: readonly Case[] = [
  listed(
    "T10 four a line, 回, the body with the name and a dot",
    0,
    `目录\n${rows(titles(hui), 4, "　")}`,
    hui,
    (title) => `雪夜书·${title}`,
  ),
  listed("T10 two a line, parted by slashes", 1, rows(titles(zhang), 2, " / "), zhang),
  listed(
    "T10 two a line, numbers only",
    2,
    `目录\n${rows(
      range(16).map((no) => `第${zh(no)}章`),
      2,
      "　　",
    )}`,
    chapters(16, (no) => `第${zh(no)}章`),
  ),
  listed(
    "T10 three a line, the body with 《书》",
    3,
    `【目錄】\n${rows(titles(hui), 3, "　")}`,
    hui,
    (title) => `《雪夜书》${title}`,
  ),
  listed(
    "T11 pages behind tabs, the body 书（一）",
    0,
    `目录\n${range(12)
      .map((no) => `第${no}章\t${titleOf(no)}\t${no * 11}`)
      .join("\n")}`,
    chapters(12, (no) => `雪夜书（${zh(no)}）`, 1_200),
  ),
  listed(
    "T11 pages, the body 壹, 贰",
    3,
    `目录\n${range(9)
      .map((no) => `第${zh(no)}章 ${titleOf(no)}……${no * 11}`)
      .join("\n")}`,
    chapters(9, (no) => "壹贰叁肆伍陆柒捌玖"[no - 1]!, 1_200),
  ),
  listed(
    "T11 Chapter and pages, the body digits",
    1,
    `Contents\n${range(12)
      .map((no) => `Chapter ${no} ........ ${no * 11}`)
      .join("\n")}`,
    chapters(12, (no) => String(no), 1_200),
  ),
  made(
    "T14 at the end below 附：目录",
    0,
    zhang,
    `${written(zhang, layouts[0]!)}\n\n附：目录\n${titles(zhang).join("\n")}\n`,
  ),
  made("T14 at the end, two a line", 1, zhang, `${written(zhang, layouts[1]!)}\n\n${rows(titles(zhang), 2, "　")}\n`),
  made(
    "T14 at the end, with pages",
    3,
    zhang,
    `${written(zhang, layouts[3]!)}\n\n目录\n${titles(zhang)
      .map((title, no) => `${title}……${no * 9 + 1}`)
      .join("\n")}\n`,
  ),
];

/** The form changes from a chapter on. */
const changing = (
  name: string,
  no: number,
  first: (no: number) => string,
  second: (no: number) => string,
  at: number,
  right = second,
) => {
  const all = range(26).map(
    (own): Written => ({ title: own < at ? first(own) : right(own), lines: prose(own * 71, 600) }),
  );
  return made(name, no, all, written(all, layouts[no % layouts.length]!, undefined).replaceAll("\u0000", ""));
};
const forms: readonly Case[] = [
  changing("T08 章, then 回", 0, titled("章"), titled("回"), 12),
  changing("T08 回, then 节", 1, titled("回"), titled("节"), 9),
  changing("T08 章, then 话", 2, titled("章"), titled("话"), 15),
  changing(
    "T08 第n章, then Chapter n",
    3,
    (no) => `第${no}章 ${titleOf(no)}`,
    (no) => `Chapter ${no} ${titleOf(no)}`,
    12,
  ),
  changing("T08 第N章, then N、", 0, titled("章"), (no) => `${zh(no)}、${titleOf(no)}`, 12),
  changing("T08 第N章, then 第n章", 1, titled("章"), (no) => `第${no}章${titleOf(no)}`, 12),
  changing("T08 第N章, then n. T", 2, titled("章"), (no) => `${no}. ${titleOf(no)}`, 14),
  ...[
    "札",
    "帖",
    "局",
    "阙",
    "首",
    "骗",
    "枪",
    "战",
    "扇门",
    "炉香",
    "张牌",
    "站",
    "层",
    "杯酒",
    "通电话",
    "次",
    "号案件",
  ].map((unit, no) => made(`T27 第N${unit}`, no, chapters(12, titled(unit)))),
  ...["則", "傳", "齣", "話", "冊"].map((unit, no) =>
    made(`T27 第N${unit}, ${layouts[no]!.name}`, no, chapters(14, titled(unit))),
  ),
  made(
    "T24 Ｎ　T, some without a blank line",
    0,
    chapters(20, (no) => `${no}　${titleOf(no)}`, 500),
    written(
      chapters(20, (no) => `${no}　${titleOf(no)}`, 500),
      layouts[0]!,
    ).replace(/\n\n(?=(?:5|9|14)　)/gu, "\n"),
  ),
  made(
    "T24 N T in Chinese, some without a blank line",
    0,
    chapters(20, (no) => `${zh(no)} ${titleOf(no)}`, 500),
    written(
      chapters(20, (no) => `${zh(no)} ${titleOf(no)}`, 500),
      layouts[0]!,
    ).replace(/\n\n(?=(?:五|九|十四) )/gu, "\n"),
  ),
  made(
    "T26 第一章T（2）",
    1,
    chapters(20, (no) => `第${zh(no)}章${titleOf(no)}（${(no % 3) + 1}）`),
  ),
  made(
    "T26 第一章里那个人",
    0,
    chapters(20, (no) => `第${zh(no)}章${["里那个人", "中的秘密", "上路", "的渡口", "这一夜"][no % 5]}`),
  ),
  made(
    "T18 阅读章节",
    0,
    chapters(9, (no) => `分节阅读 ${no}`),
  ),
];

/** Volumes on and beneath the lines of chapters. */
const inVolumes = (count: number, volume: (no: number) => string, title: (no: number) => string): readonly Written[] =>
  range(count).map((no) => ({ title: title(no), volume: volume(Math.ceil(no / 7)), lines: prose(no * 79, 600) }));
const beneath = (name: string, volume: (no: number) => string): Case => {
  const all = inVolumes(14, volume, titled("章"));
  const text = all
    .map((one, no) => written([one], layouts[0]!, (title) => (no % 7 === 0 ? `${title}\n\n${one.volume}` : title)))
    .join("\n");
  return made(name, 0, all, text);
};
const on = (name: string, volume: (no: number) => string, between: string, unit = "章"): Case => {
  const all = inVolumes(21, volume, titled(unit));
  const text = all.map((one) => written([one], layouts[0]!, (title) => `${one.volume}${between}${title}`)).join("\n");
  return made(name, 0, all, text);
};
const volumes: readonly Case[] = [
  beneath("T15 卷一", (no) => `卷${zh(no)} ${titleOf(no)}`),
  beneath("T15 第一部", (no) => `第${zh(no)}部 ${titleOf(no)}`),
  beneath("T15 第一集", (no) => `第${zh(no)}集 ${titleOf(no)}`),
  beneath("T15 上卷, 下卷", (no) => `${"上下"[no - 1]}卷`),
  on("T07 第一部第一章", (no) => `第${zh(no)}部`, ""),
  on("T07 第一冊第一回", (no) => `第${zh(no)}冊`, "", "回"),
  on("T07 卷一第一章", (no) => `卷${zh(no)}`, ""),
  on("T07 第一集 第一章", (no) => `第${zh(no)}集`, " "),
];

/** Essays, the last with sections. */
const essays = (name: string, no: number, section: (no: number) => string): Case => {
  const all = range(8).map((own): Written => ({ title: `${titleOf(own)}记`, lines: prose(own * 83, 1_500) }));
  const last = all.at(-1)!;
  const lines = [
    section(1),
    ...last.lines.slice(0, 12),
    section(2),
    ...last.lines.slice(12, 24),
    section(3),
    ...last.lines.slice(24),
  ];
  return made(name, no, [...all.slice(0, -1), { ...last, lines }]);
};
const others: readonly Case[] = [
  essays("T12 the last essay has 一, 二, 三", 0, zh),
  essays("T12 the last essay has 1, 2, 3", 3, String),
  essays("T12 the last essay has （一）", 0, (no) => `（${zh(no)}）`),
  essays("T12 the last essay has 第一节", 3, (no) => `第${zh(no)}节`),
];

const toTraditional = Converter({ from: "cn", to: "t" });
/** The same in traditional characters, in Big5 where it has them all. */
const traditional = (made: Case): Case => ({
  ...made,
  name: `${made.name}, traditional`,
  title: toTraditional(made.title),
  author: made.author && toTraditional(made.author),
  text: toTraditional(made.text),
  chapters: made.chapters.map(({ title, volume, lines }) => ({
    title: toTraditional(title),
    ...(volume && { volume: toTraditional(volume) }),
    lines: lines.map((line) => toTraditional(line)),
  })),
});

const simplified: readonly Case[] = [...contents, ...forms, ...volumes, ...others];
export const brotherCases: readonly Case[] = [...simplified, ...simplified.map(traditional)];
