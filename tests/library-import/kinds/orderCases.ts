import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const layout = layouts[0]!;
const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
const one = (no: number, title: string, more: Partial<Written> = {}): Written => ({
  title,
  lines: prose(no * 43 + 11, 600),
  ...more,
});
const clear = (no: number) => `第${zh(no)}章 ${titleOf(no)}`;
const plain = (name: string, chapters: readonly Written[], text?: string): Case => ({
  name: `order: ${name}`,
  layout,
  ...book,
  chapters,
  text: front + (text ?? written(chapters, layout)),
});
const numbered = (name: string, numbers: readonly number[], title: (no: number, at: number) => string = clear): Case =>
  plain(
    name,
    numbers.map((no, at) => one(at + 1, title(no, at))),
  );
const digitwise = (no: number) => [...String(no)].map((digit) => "零一二三四五六七八九"[Number(digit)]).join("");
const extra = (title: string, no = 70): Written => one(no, title);
const among = (name: string, title: string, at = 6): Case =>
  plain(name, [
    ...range(at).map((no) => one(no, clear(no))),
    extra(title),
    ...range(8, at + 1).map((no) => one(no, clear(no))),
  ]);

const numbers: readonly Case[] = [
  numbered("from 200 on, 二百零三 and 二零四 and 205", range(12, 200), (no, at) =>
    at % 3 === 0
      ? `第${zh(no)}章 ${titleOf(no)}`
      : at % 3 === 1
        ? `第${digitwise(no)}章 ${titleOf(no)}`
        : `第${no}章 ${titleOf(no)}`,
  ),
  numbered(
    "二百0三, a digit among numerals",
    range(12, 198),
    (no) => `第${zh(no).replace("零", "0")}章 ${titleOf(no)}`,
  ),
  numbered("两百, 一百二", range(14, 195), (no) => `第${zh(no).replace("二百", "两百")}章 ${titleOf(no)}`),
  numbered("a number twice", [1, 2, 3, 3, 4, 5, 6, 7, 8]),
  numbered("a number missing", [1, 2, 3, 5, 6, 7, 8, 9, 10]),
  numbered("ten numbers missing", [1, 2, 3, 4, 5, 16, 17, 18, 19, 20]),
  numbered("two swapped", [1, 2, 4, 3, 5, 6, 7, 8]),
  numbered("one number far too large", [1, 2, 3, 4, 55, 6, 7, 8, 9, 10]),
  numbered("one number far too small", [11, 12, 13, 4, 15, 16, 17, 18]),
  numbered(
    "begins again without a volume",
    [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6],
    (no, at) => `第${zh(no)}章 ${titleOf(at + 1)}`,
  ),
  numbered("begins at 51", range(10, 51)),
  numbered("ten thousand and more", range(8, 10_001), (no) => `第${no}章 ${titleOf(no)}`),
  numbered("backwards", range(10).reverse()),
  numbered(
    "every second in parts: （上）（下）",
    range(6).flatMap((no) => [no, no]),
    (no, at) => `第${zh(no)}章 ${titleOf(no)}（${at % 2 === 0 ? "上" : "下"}）`,
  ),
  numbered(
    "parts one to three: （1）",
    range(5).flatMap((no) => [no, no, no]),
    (no, at) => `第${zh(no)}章 ${titleOf(no)}（${(at % 3) + 1}）`,
  ),
  numbered("第三四章 for two", [1, 2, 3, 5, 6, 7, 8], (no) => (no === 3 ? `第三、四章 ${titleOf(3)}` : clear(no))),
  numbered("第3-4章 for two", [1, 2, 3, 5, 6, 7, 8], (no) =>
    no === 3 ? `第3-4章 ${titleOf(3)}` : `第${no}章 ${titleOf(no)}`,
  ),
  numbered("the title is the same in all", range(10), (no) => `第${zh(no)}章 雪夜`),
  numbered("no titles at all", range(10), (no) => `第${zh(no)}章`),
  numbered("some without a title", range(12), (no) => (no % 3 === 0 ? `第${zh(no)}章` : clear(no))),
  among("番外 among the chapters", "番外 雪落"),
  among("番外一", "番外一 阿宁"),
  among("番外（一）", "番外（一）"),
  among("番外：T", "番外：老周的旧信"),
  among("请假条", "请假条"),
  among("上架感言", "上架感言"),
  among("感言", "完本感言", 8),
  among("间章", "间章 渡口"),
  plain("楔子 to 尾声 and 后记", [
    extra("楔子", 71),
    ...range(8).map((no) => one(no, clear(no))),
    extra("尾声", 72),
    extra("后记", 73),
  ]),
  plain("楔子 with a title", [extra("楔子 雪夜", 71), ...range(8).map((no) => one(no, clear(no)))]),
  plain(
    "引子, 正文, 番外",
    [extra("引子", 71), ...range(8).map((no) => one(no, clear(no))), extra("番外一", 72), extra("番外二", 73)],
    undefined,
  ),
  plain("序章 and 终章", [extra("序章", 71), ...range(8).map((no) => one(no, clear(no))), extra("终章 归途", 72)]),
  plain("写在前面", [extra("写在前面的话", 71), ...range(8).map((no) => one(no, clear(no)))]),
  plain("大结局", [...range(8).map((no) => one(no, clear(no))), extra("大结局", 72)]),
  plain("大结局（上）（下）", [
    ...range(8).map((no) => one(no, clear(no))),
    extra("大结局（上）", 72),
    extra("大结局（下）", 73),
  ]),
  plain("第九章 大结局", [...range(8).map((no) => one(no, clear(no))), extra("第九章 大结局", 72)]),
];

/** Headings in unusual positions. */
const twelve = range(12).map((no) => one(no, clear(no)));
const placed: readonly Case[] = [
  plain(
    "the title again at the beginning of the text",
    twelve,
    written(
      twelve.map((chapter) => ({ ...chapter, lines: [chapter.title, ...chapter.lines] })),
      layout,
    ),
  ),
  plain(
    "the title without its number again at the beginning of the text",
    twelve.map((chapter, no) => ({ ...chapter, lines: [titleOf(no + 1), ...chapter.lines] })),
  ),
  plain(
    "headings glued to the text in a file of lost line ends",
    twelve,
    twelve.map(({ title, lines }) => `${title}　　${lines.join("　　")}`).join("　　"),
  ),
  plain(
    "headings with the indent of paragraphs",
    twelve,
    twelve.map(({ title, lines }) => [title, ...lines].map((line) => `　　${line}`).join("\n")).join("\n"),
  ),
  plain(
    "no blank lines anywhere, no indent",
    twelve,
    twelve.map(({ title, lines }) => [title, ...lines].join("\n")).join("\n"),
  ),
  plain(
    "three blank lines between paragraphs",
    twelve,
    twelve.map(({ title, lines }) => [title, ...lines].join("\n\n\n\n")).join("\n\n\n\n"),
  ),
  plain(
    "headings in the middle of lines of signs",
    twelve,
    twelve
      .map(({ title, lines }) => `--------${title}--------\n\n${lines.map((line) => `　　${line}`).join("\n")}\n`)
      .join("\n"),
  ),
  plain(
    "the number on one line, the title on the next",
    twelve,
    twelve
      .map(
        ({ title, lines }) =>
          `${title.split(" ")[0]}\n${title.split(" ")[1]}\n\n${lines.map((line) => `　　${line}`).join("\n")}\n`,
      )
      .join("\n"),
  ),
  plain(
    "number and title apart by a blank line",
    twelve,
    twelve
      .map(
        ({ title, lines }) =>
          `${title.split(" ")[0]}\n\n${title.split(" ")[1]}\n\n${lines.map((line) => `　　${line}`).join("\n")}\n`,
      )
      .join("\n"),
  ),
  plain(
    "卷 and 章 on one line each time",
    twelve.map((chapter, no) => ({ ...chapter, volume: no < 6 ? "第一卷 风起" : "第二卷 雪落" })),
    twelve
      .map((chapter, no) =>
        written([{ ...chapter, title: `${no < 6 ? "第一卷 风起" : "第二卷 雪落"} ${chapter.title}` }], layout),
      )
      .join("\n"),
  ),
  plain(
    "/卷一 第一章",
    twelve.map((chapter, no) => ({ ...chapter, volume: no < 6 ? "卷一" : "卷二" })),
    twelve
      .map((chapter, no) => written([{ ...chapter, title: `/${no < 6 ? "卷一" : "卷二"} ${chapter.title}` }], layout))
      .join("\n"),
  ),
  plain(
    "卷一 第一章, without names",
    twelve.map((chapter, no) => ({ ...chapter, volume: no < 6 ? "卷一" : "卷二" })),
    twelve
      .map((chapter, no) => written([{ ...chapter, title: `${no < 6 ? "卷一" : "卷二"} ${chapter.title}` }], layout))
      .join("\n"),
  ),
  plain(
    "volumes in brackets above",
    twelve.map((chapter, no) => ({ ...chapter, volume: no < 6 ? "第一卷 风起" : "第二卷 雪落" })),
    twelve
      .map(
        (chapter, no) =>
          `${no === 0 ? "【第一卷 风起】\n\n" : no === 6 ? "【第二卷 雪落】\n\n" : ""}${written([chapter], layout)}`,
      )
      .join("\n"),
  ),
  plain(
    "(第一卷完) at a volume's end",
    twelve.map((chapter, no) => ({
      ...chapter,
      volume: no < 6 ? "第一卷 风起" : "第二卷 雪落",
      lines: no === 5 ? [...chapter.lines, "（第一卷完）"] : chapter.lines,
    })),
    twelve
      .map(
        (chapter, no) =>
          `${no === 0 ? "第一卷 风起\n\n" : no === 6 ? "第二卷 雪落\n\n" : ""}${written([no === 5 ? { ...chapter, lines: [...chapter.lines, "（第一卷完）"] } : chapter], layout)}`,
      )
      .join("\n"),
  ),
  plain(
    "(全书完) at the end",
    twelve.map((chapter, no) => (no === 11 ? { ...chapter, lines: [...chapter.lines, "（全书完）"] } : chapter)),
  ),
];

export const orderCases: readonly Case[] = [...numbers, ...placed];
