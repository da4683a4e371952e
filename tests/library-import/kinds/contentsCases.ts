import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
const zhang = (no: number) => `第${zh(no)}章 ${titleOf(no)}`;
const chapters = (count: number, line = zhang, length = 700): readonly Written[] =>
  range(count).map((no) => ({ title: line(no), lines: prose(no * 41 + count, length) }));
const plainPreface: Written = { title: "前言", lines: prose(999, 900) };
const afterword: Written = { title: "后记", lines: prose(998, 500) };

type Made = { readonly list: readonly string[]; readonly body: readonly Written[] };
const heading = (name: string, no: number, { list, body }: Made, wrote?: (title: string) => string): Case => {
  const layout = layouts[no % layouts.length]!;
  return {
    name: `contents: ${name}`,
    layout,
    ...book,
    chapters: body,
    text: `${front}${list.join("\n")}\n\n${written(body, layout, wrote)}`,
  };
};
const pairs = (lines: readonly string[], by: number, separator: string) =>
  range(Math.ceil(lines.length / by)).map((row) => lines.slice((row - 1) * by, row * by).join(separator));
const titles = (body: readonly Written[]) => body.map(({ title }) => title);

/** T10: several titles on a line. */
const several: readonly Case[] = [
  heading("two a line", 0, { list: ["目录", ...pairs(titles(chapters(20)), 2, "　")], body: chapters(20) }),
  heading("three a line, without a name", 1, { list: pairs(titles(chapters(21)), 3, "  "), body: chapters(21) }),
  heading("two a line, tabs", 2, { list: ["目　录", "", ...pairs(titles(chapters(19)), 2, "\t")], body: chapters(19) }),
  heading("two a line, bars", 3, { list: ["【目录】", ...pairs(titles(chapters(20)), 2, " | ")], body: chapters(20) }),
  heading(
    "two a line, the body with the book's name",
    0,
    { list: ["目录", ...pairs(titles(chapters(18)), 2, "　")], body: chapters(18) },
    (title) => `雪夜书${title}`,
  ),
  heading("all on one line", 1, { list: [`目录：${titles(chapters(16)).join(" ")}`], body: chapters(16) }),
];

/** T11: with pages. */
const pages: readonly Case[] = [
  heading("pages behind dots", 0, {
    list: ["目录", ...titles(chapters(14)).map((title, no) => `${title}………${no * 9 + 1}`)],
    body: chapters(14),
  }),
  heading("pages behind spaces", 1, {
    list: ["CONTENTS", ...titles(chapters(14)).map((title, no) => `${title}   ${no * 9 + 1}`)],
    body: chapters(14),
  }),
  heading("pages in brackets", 2, {
    list: ["目录", ...titles(chapters(14)).map((title, no) => `${title}（${no * 9 + 1}）`)],
    body: chapters(14),
  }),
  heading("pages behind the number, the body numbers only", 3, {
    list: ["目录", ...range(12).map((no) => `第 ${no} 章 ${no * 13} ${titleOf(no)}`)],
    body: chapters(12, (no) => zh(no), 1_200),
  }),
  heading("pages, the body with bare digits and titles", 0, {
    list: ["目录", ...range(12).map((no) => `第${zh(no)}章 ${titleOf(no)} ${no * 13}`)],
    body: chapters(12, (no) => `${no} ${titleOf(no)}`, 1_200),
  }),
  heading("dots and titles only", 1, {
    list: ["目录", ...range(12).map((no) => `${titleOf(no)}……${no * 13}`)],
    body: chapters(12, zhang, 1_200),
  }),
];

/** T14: at the end, in the middle, twice, a number twice. */
const layout = layouts[0]!;
const body = chapters(12);
const list = titles(body).join("\n");
const placed: readonly Case[] = [
  {
    name: "contents: at the end",
    layout,
    ...book,
    chapters: body,
    text: `${front}${written(body, layout)}\n\n${list}\n`,
  },
  {
    name: "contents: at the end, below their name",
    layout,
    ...book,
    chapters: body,
    text: `${front}${written(body, layout)}\n\n目录\n${list}\n`,
  },
  {
    name: "contents: at the end, behind an afterword",
    layout,
    ...book,
    chapters: [...body, afterword],
    text: `${front}${written([...body, afterword], layout)}\n\n目录\n\n${list}\n后记\n`,
  },
  {
    name: "contents: at both ends",
    layout,
    ...book,
    chapters: body,
    text: `${front}目录\n${list}\n\n${written(body, layout)}\n\n${list}\n`,
  },
  {
    name: "contents: behind the preface",
    layout,
    ...book,
    chapters: [{ ...plainPreface, title: "自序" }, ...body],
    text: `${front}${written([{ ...plainPreface, title: "自序" }], layout)}\n\n目录\n${list}\n\n${written(body, layout)}`,
  },
  {
    name: "contents: before a nameless preface",
    layout,
    ...book,
    chapters: [plainPreface, ...body],
    text: `${front}目录\n${list}\n\n${plainPreface.lines.map((text) => `　　${text}`).join("\n")}\n\n${written(body, layout)}`,
  },
  {
    name: "contents: a number twice",
    layout,
    ...book,
    chapters: body,
    text: `${front}目录\n${list.replace("第六章", "第五章")}\n\n${written(body, layout)}`,
  },
  {
    name: "contents: blank lines between",
    layout,
    ...book,
    chapters: body,
    text: `${front}目录\n\n${titles(body).join("\n\n")}\n\n${written(body, layout)}`,
  },
  {
    name: "contents: other titles than the body's",
    layout,
    ...book,
    chapters: body,
    text: `${front}目录\n${range(12)
      .map((no) => `第${no}章 ${titleOf(no + 2)}`)
      .join("\n")}\n\n${written(body, layout)}`,
  },
  {
    name: "contents: numbers before each",
    layout,
    ...book,
    chapters: body,
    text: `${front}目录\n${titles(body)
      .map((title, no) => `${no + 1}. ${title}`)
      .join("\n")}\n\n${written(body, layout)}`,
  },
  {
    name: "contents: longer than the book",
    layout,
    ...book,
    chapters: body,
    text: `${front}目录\n${titles(chapters(20)).join("\n")}\n\n${written(body, layout)}`,
  },
];

/** With volumes whose numbers begin again. */
const names = ["第一卷 风起", "第二卷 雪落", "第三卷 归来"];
const inVolumes = names.flatMap((volume, index) =>
  range(6).map(
    (own): Written => ({
      title: `第${zh(own)}章 ${titleOf(index * 6 + own)}`,
      volume,
      lines: prose(index * 6 + own, 700),
    }),
  ),
);
const withNames = (line: (chapter: Written) => string) =>
  inVolumes
    .map(
      (chapter, index) =>
        `${chapter.volume !== inVolumes[index - 1]?.volume ? `${chapter.volume}\n\n` : ""}${line(chapter)}`,
    )
    .join("\n");
const volumes: readonly Case[] = [
  {
    name: "contents: in volumes",
    layout,
    ...book,
    chapters: inVolumes,
    text: `${front}目录\n${withNames(({ title }) => title)}\n\n${withNames((chapter) => written([chapter], layout))}`,
  },
  {
    name: "contents: in volumes, above each",
    layout,
    ...book,
    chapters: inVolumes,
    text: `${front}${names
      .map((volume) => {
        const own = inVolumes.filter((chapter) => chapter.volume === volume);
        return `${volume}\n\n${titles(own).join("\n")}\n\n${written(own, layout)}`;
      })
      .join("\n")}`,
  },
  {
    name: "contents: in volumes, at the end",
    layout,
    ...book,
    chapters: inVolumes,
    text: `${front}${withNames((chapter) => written([chapter], layout))}\n\n目录\n${withNames(({ title }) => title)}\n`,
  },
  {
    name: "contents: volumes two a line",
    layout,
    ...book,
    chapters: inVolumes,
    text: `${front}目录\n${names.map((volume) => `${volume}\n${pairs(titles(inVolumes.filter((chapter) => chapter.volume === volume)), 2, "　")}`.replaceAll(",", "\n")).join("\n")}\n\n${withNames((chapter) => written([chapter], layout))}`,
  },
];

/** T12: essays with titles of their own, some with sections. */
const essayTitles = "雨星月记 书石桥记 渡口杂忆 论灯 旧居 一封没有寄出的信 南行路上 秋日三题 父亲的棋 夜读".split(" ");
const essays = (name: string, mark: (no: number) => string, which: (no: number) => boolean, listed: boolean): Case => {
  const chapters = essayTitles.map((title, no): Written => {
    const lines = prose(no * 77, 2_200);
    if (!which(no)) return { title, lines };
    const some = [0, 5, 10].flatMap((at, index) => [
      mark(index + 1),
      ...lines.slice(at, index === 2 ? undefined : at + 5),
    ]);
    return { title, lines: some };
  });
  const text = chapters
    .map(
      ({ title, lines }) =>
        `${title}\n\n${lines.map((line) => (/^.{0,5}$/u.test(line) && lines.length > 3 && !line.includes("。") && !line.includes("”") ? `\n${line}\n` : `　　${line}`)).join("\n")}\n`,
    )
    .join("\n");
  return {
    name: `essays: ${name}`,
    fileName: "雪夜书",
    layout,
    title: "雪夜书",
    author: undefined,
    chapters,
    text: `雪夜书\n\n${listed ? `目录\n${essayTitles.join("\n")}\n\n` : ""}${text}`,
  };
};
const ofEssays: readonly Case[] = [
  essays("sections in the last", zh, (no) => no === 9, false),
  essays("sections in the first", zh, (no) => no === 0, false),
  essays(
    "sections in brackets in three",
    (no) => `（${zh(no)}）`,
    (no) => no % 3 === 1,
    false,
  ),
  essays(
    "sections of digits in most, listed",
    (no) => String(no),
    (no) => no % 4 !== 1,
    true,
  ),
  essays("none", zh, () => false, true),
];

export const contentsCases: readonly Case[] = [...several, ...pages, ...placed, ...volumes, ...ofEssays];
