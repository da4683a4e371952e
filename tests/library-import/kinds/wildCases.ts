import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

/** Cases that were misread in public novels, paraphrased. */
const layout = layouts[0]!;
const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
const chapters = (count: number, line: (no: number) => string, length = 700): readonly Written[] =>
  range(count).map((no) => ({ title: line(no), lines: prose(no * 97 + count, length) }));
const made = (name: string, chapters: readonly Written[], more: Partial<Case> = {}): Case => ({
  name: `wild: ${name}`,
  layout,
  ...book,
  chapters,
  text: front + written(chapters, layout),
  ...more,
});

const clear = chapters(14, (no) => `第${zh(no)}章 ${titleOf(no)}`);
const pages = clear.map(({ title, lines }) => ({
  title,
  lines,
  cut: [lines.slice(0, 4), lines.slice(4, 8), lines.slice(8)],
}));
const called = (
  name: string,
  fileName: string,
  top: string,
  title: string,
  author: string | undefined,
  preface?: string,
): Case =>
  made(`name ${name}`, preface === undefined ? clear : [{ title: "前言", lines: [preface] }, ...clear], {
    fileName,
    title,
    author,
    text: `${top}${written(clear, layout)}`,
  });

export const wildCases: readonly Case[] = [
  made(
    "numbers glued to titles, of one digit and two",
    chapters(14, (no) => `${no}${titleOf(no)}`),
  ),
  made("the heading again at the head of each page", clear, {
    text:
      front +
      pages.map(({ title, cut }) => cut.map((lines) => written([{ title, lines }], layout)).join("\n")).join("\n"),
  }),
  made(
    "titles behind a star, without blank lines",
    chapters(9, (no) => titleOf(no), 900),
    {
      text:
        front +
        chapters(9, (no) => titleOf(no), 900)
          .map(({ title, lines }) => `★${title}\n　　${lines.join("\n　　")}`)
          .join("\n"),
      chapters: chapters(9, (no) => `★${titleOf(no)}`, 900),
    },
  ),
  made("marks of pages, 页面 12, between chapters", clear, {
    text:
      front +
      written(
        clear.map(({ title, lines }, no) => ({
          title,
          lines: [...lines.slice(0, 3), `页面 ${no + 1}`, ...lines.slice(3)],
        })),
        layout,
      ),
  }),
  called("a dash before a subtitle", "毛毛——时间窃贼的故事", "", "毛毛——时间窃贼的故事", undefined),
  called("a series, a title, an author", "雪夜3_归途_林深", "", "雪夜3 归途", "林深"),
  called("a volume of a series and its title", "雪夜II - 黑暗渡口", "", "雪夜II - 黑暗渡口", undefined),
  called("brackets in a title", "雪夜书[重生]", "《雪夜书[重生]》\n作者：林深\n\n", "雪夜书[重生]", "林深"),
  called("brackets in a file's name", "雪夜书[重生]", "", "雪夜书[重生]", undefined),
  called("a title like a number with a unit", "download", "第九个渡口\n\n林深\n\n", "第九个渡口", "林深"),
  called("a first line that begins like the name", "雪夜", "关于雪夜的话\n\n", "雪夜", undefined, "关于雪夜的话"),
];
