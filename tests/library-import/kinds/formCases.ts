import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
type Line = (no: number, title: string) => string;
const chapterOf = (no: number, title: string, more: Partial<Written> = {}): Written => ({
  title,
  lines: prose(no * 29 + 3, 600),
  ...more,
});
/** Chapters whose lines in the file are `line`, and whose titles should be `right`. */
const form = (name: string, no: number, line: Line, right: Line = line, count = 16): Case => {
  const layout = layouts[no % layouts.length]!;
  const chapters = range(count).map((own) => chapterOf(own, right(own, titleOf(own))));
  const lines = range(count).map((own) => line(own, titleOf(own)));
  let at = 0;
  return {
    name: `form: ${name}`,
    layout,
    ...book,
    chapters,
    text: front + written(chapters, layout, () => lines[at++]!),
  };
};
const clear: Line = (no, title) => `第${zh(no)}章 ${title}`;
const pad = (no: number) => String(no).padStart(3, "0");

const forms: readonly Case[] = [
  form("第一章　T", 0, (no, title) => `第${zh(no)}章　${title}`),
  form("第1章T", 1, (no, title) => `第${no}章${title}`),
  form("001 T", 2, (no, title) => `${pad(no)} ${title}`),
  form("001、T", 3, (no, title) => `${pad(no)}、${title}`),
  form("001章 T", 4, (no, title) => `${pad(no)}章 ${title}`),
  form("第001章 T", 0, (no, title) => `第${pad(no)}章 ${title}`),
  form("1、T", 1, (no, title) => `${no}、${title}`),
  form("1.T", 2, (no, title) => `${no}.${title}`),
  form("1 T", 0, (no, title) => `${no} ${title}`),
  form(
    "【第一章】T",
    3,
    (no, title) => `【第${zh(no)}章】${title}`,
    (no, title) => `第${zh(no)}章 ${title}`,
  ),
  form("【第一章 T】", 4, (no, title) => `【第${zh(no)}章 ${title}】`, clear),
  form("『第一章』T", 0, (no, title) => `『第${zh(no)}章』${title}`, clear),
  form("《第一章 T》", 1, (no, title) => `《第${zh(no)}章 ${title}》`, clear),
  form("☆、第一章 T", 2, (no, title) => `☆、第${zh(no)}章 ${title}`, clear),
  form(
    "☆、T with numbers",
    3,
    (no, title) => `☆、${no} ${title}`,
    (no, title) => `${no} ${title}`,
  ),
  form("§第一章 T", 4, (no, title) => `§第${zh(no)}章 ${title}`, clear),
  form(
    "§ 1 T",
    0,
    (no, title) => `§ ${no} ${title}`,
    (no, title) => `${no} ${title}`,
  ),
  form("◎ 第一章 T ◎", 1, (no, title) => `◎ 第${zh(no)}章 ${title} ◎`, clear),
  form("===第一章 T===", 2, (no, title) => `=====第${zh(no)}章 ${title}=====`, clear),
  form("正文 第一章 T", 3, (no, title) => `正文 第${zh(no)}章 ${title}`, clear),
  form("正文第一章 T", 4, (no, title) => `正文第${zh(no)}章 ${title}`, clear),
  form("VIP章节 第一章 T", 0, (no, title) => `VIP章节 第${zh(no)}章 ${title}`, clear),
  form(
    "VIP卷 第1章 T",
    1,
    (no, title) => `VIP卷 第${no}章 ${title}`,
    (no, title) => `第${no}章 ${title}`,
  ),
  form(
    "正文 001 T",
    2,
    (no, title) => `正文 ${pad(no)} ${title}`,
    (no, title) => `${pad(no)} ${title}`,
  ),
  form("书名 第一章 T", 3, (no, title) => `雪夜书 第${zh(no)}章 ${title}`, clear),
  form("《书名》第一章 T", 4, (no, title) => `《雪夜书》第${zh(no)}章 ${title}`, clear),
  form("书名正文 第一章 T", 0, (no, title) => `雪夜书正文 第${zh(no)}章 ${title}`, clear),
  form("第一章：T", 1, (no, title) => `第${zh(no)}章：${title}`),
  form("第一章、T", 2, (no, title) => `第${zh(no)}章、${title}`),
  form("第一章-T", 3, (no, title) => `第${zh(no)}章-${title}`),
  form("第一章——T", 4, (no, title) => `第${zh(no)}章——${title}`),
  form("第一章(T)", 0, (no, title) => `第${zh(no)}章(${title})`),
  form("第 1 章 T", 1, (no, title) => `第 ${no} 章 ${title}`),
  form("第 一 章 T", 2, (no, title) => `第 ${zh(no)} 章 ${title}`),
  form("第1章、T（1）", 3, (no, title) => `第${no}章、${title}（${1 + (no % 2)}）`),
  form("第壹章 T", 4, (no, title) => `第${[..."壹贰叁肆伍陆柒捌玖拾"][no - 1]}章 ${title}`, undefined, 10),
  form("第一章 T【求收藏】", 0, (no, title) => `第${zh(no)}章 ${title}【求收藏】`),
  form("第一章 T（求推荐票！）", 1, (no, title) => `第${zh(no)}章 ${title}（第${(no % 3) + 1}更，求推荐票！）`),
  form("第一章 T 3012字", 2, (no, title) => `第${zh(no)}章 ${title} 本章字数：30${no}2`, clear),
  form("第一章 T 2012-3-4", 3, (no, title) => `第${zh(no)}章 ${title} 2012-03-0${(no % 9) + 1} 10:20`, clear),
  form("Chapter 1 T", 4, (no, title) => `Chapter ${no} ${title}`),
  form(
    "CHAPTER ONE",
    0,
    (no) => `CHAPTER ${"ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN".split(" ")[no - 1]}`,
    undefined,
    10,
  ),
  form("Chapter1 T", 1, (no, title) => `Chapter${no} ${title}`),
  form("chap 1", 2, (no, title) => `Chap ${no} ${title}`),
  form("Chapter 1: T in English", 3, (no) => `Chapter ${no}: The Night of the Lamp`),
  form("Episode 1", 4, (no, title) => `Episode ${no} ${title}`),
  form("Act I", 0, (no) => `Act ${["I", "II", "III", "IV", "V", "VI", "VII", "VIII"][no - 1]}`, undefined, 8),
  form(
    "I. T",
    1,
    (no, title) => `${["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"][no - 1]}. ${title}`,
    undefined,
    10,
  ),
  form("第①章", 2, (no, title) => `第${"①②③④⑤⑥⑦⑧⑨⑩"[no - 1]}章 ${title}`, undefined, 10),
  form("① T", 3, (no, title) => `${"①②③④⑤⑥⑦⑧⑨⑩"[no - 1]} ${title}`, undefined, 10),
  form("第一回 a couplet", 4, (no) => `第${zh(no)}回 ${titleOf(no)}风满楼 ${titleOf(no + 1)}雨打窗`),
  form("第一节课's unit: 第一夜", 0, (no, title) => `第${zh(no)}夜 ${title}`),
  form("第一天", 1, (no, title) => `第${zh(no)}天 ${title}`),
  form("第一封信", 2, (no) => `第${zh(no)}封信`),
  form("第一日", 3, (no, title) => `第${zh(no)}日　${title}`),
  form("第一场", 4, (no, title) => `第${zh(no)}场 ${title}`),
  form("第一案", 0, (no, title) => `第${zh(no)}案 ${title}`),
  form("第一世", 2, (no, title) => `第${zh(no)}世 ${title}`),
  form("第一弹", 3, (no, title) => `第${zh(no)}弹 ${title}`),
  form("档案一：T", 4, (no, title) => `档案${zh(no)}：${title}`),
  form("故事一 T", 0, (no, title) => `故事${zh(no)} ${title}`),
  form("其一 T", 2, (no, title) => `其${zh(no)} ${title}`),
  form("一章 T", 3, (no, title) => `${zh(no)}章 ${title}`),
  form(
    "chapter in other letters: Ｃｈａｐｔｅｒ １",
    4,
    (no, title) => `第${String(no).replace(/\d/gu, (digit) => "０１２３４５６７８９"[Number(digit)]!)}章 ${title}`,
  ),
  form("Part 1 T", 0, (no, title) => `Part ${no} ${title}`),
  form("PART.1", 1, (no, title) => `PART.${no} ${title}`),
  form("Vol.1 T", 2, (no, title) => `Vol.${no} ${title}`),
  form(
    "#1 T",
    3,
    (no, title) => `#${no} ${title}`,
    (no, title) => `${no} ${title}`,
  ),
  form("No.1 T", 4, (no, title) => `No.${no} ${title}`),
  form("【001】T", 0, (no, title) => `【${pad(no)}】${title}`),
  form("[1] T", 1, (no, title) => `[${no}] ${title}`),
  form("(一) T", 2, (no, title) => `(${zh(no)}) ${title}`),
  form("一 T", 3, (no, title) => `${zh(no)} ${title}`),
  form("一、T", 0, (no, title) => `${zh(no)}、${title}`),
  form("01T", 1, (no, title) => `${String(no).padStart(2, "0")}${title}`),
];

export const formCases: readonly Case[] = forms;
