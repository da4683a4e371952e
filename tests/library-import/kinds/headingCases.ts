import type { Case } from "./cases.ts";
import { type Layout, layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

type Book = { readonly title: string; readonly author: string };
const books: readonly Book[] = [
  { title: "雪夜书", author: "林深" },
  { title: "长河入梦", author: "陈小舟" },
  { title: "The Lamp", author: "Wei" },
  { title: "一九三七年的渡口", author: "某乙" },
  { title: "我的前半生里的那些人", author: "张三" },
];
const front = ({ title, author }: Book) => `《${title}》\n作者：${author}\n\n`;
const each = (no: number) => ({ layout: layouts[no % layouts.length]!, book: books[no % books.length]! });

type Line = (no: number, title: string) => string;
/** Chapters whose headings stand in `line`'s form. */
const chaptersOf = (count: number, line: Line, length = 700, from = 1): readonly Written[] =>
  range(count, from).map((no) => ({ title: line(no, titleOf(no)), lines: prose(no * 31 + count, length) }));

function plain(
  name: string,
  no: number,
  chapters: readonly Written[],
  body = (layout: Layout) => written(chapters, layout),
): Case {
  const { layout, book } = each(no);
  return { name, layout, ...book, chapters, text: front(book) + body(layout) };
}

const changing = (name: string, no: number, forms: readonly (readonly [number, Line])[]): Case => {
  let from = 1;
  const chapters = forms.flatMap(([count, line]) => {
    const some = chaptersOf(count, line, 700, from);
    from += count;
    return some;
  });
  return plain(`forms change: ${name}`, no, chapters);
};

const zhang: Line = (no, title) => `第${zh(no)}章 ${title}`;
const glued: Line = (no, title) => `第${zh(no)}章${title}`;
const arabic: Line = (no, title) => `第${no}章 ${title}`;
const hui: Line = (no, title) => `第${zh(no)}回　${title}　${titleOf(no + 3)}`;
const mu: Line = (no, title) => `第${zh(no)}幕 ${title}`;

/** T08: the form changes midway. */
const changes: readonly Case[] = [
  changing("章, nine 回, 章", 0, [
    [8, zhang],
    [9, hui],
    [9, zhang],
  ]),
  changing("幕, 章", 1, [
    [12, mu],
    [14, arabic],
  ]),
  changing("章, three 幕, 章", 2, [
    [10, zhang],
    [3, mu],
    [10, zhang],
  ]),
  changing("章 in numerals, digits, glued", 3, [
    [9, zhang],
    [9, arabic],
    [9, glued],
  ]),
  changing("Chapter, 第N章", 4, [
    [10, (no) => `Chapter ${no}`],
    [10, zhang],
  ]),
  changing("001 T, 第N章 T", 0, [
    [12, (no, title) => `${String(no).padStart(3, "0")} ${title}`],
    [12, arabic],
  ]),
  changing("第N章 T, bare numbers", 1, [
    [12, zhang],
    [8, (no) => String(no)],
  ]),
  changing("章, 节", 2, [
    [12, zhang],
    [12, (no, title) => `第${zh(no)}节 ${title}`],
  ]),
  changing("章, 话, 章", 3, [
    [6, arabic],
    [6, (no, title) => `第${no}话 ${title}`],
    [6, arabic],
  ]),
  changing("one 章 of other form at the end", 4, [
    [14, zhang],
    [1, hui],
  ]),
];

const volumesOf = (
  perVolume: number,
  line: (volume: string, no: number, own: number, title: string) => string,
  names: readonly string[],
) =>
  names.flatMap((volume, index) =>
    range(perVolume).map((own): Written => {
      const no = index * perVolume + own;
      return { title: line(volume, no, own, titleOf(no)), volume, lines: prose(no * 17, 600) };
    }),
  );

const heads = (chapters: readonly Written[], layout: Layout) =>
  chapters
    .map((chapter, index) => {
      const isFirst = chapter.volume !== chapters[index - 1]?.volume;
      return `${isFirst ? `${chapter.volume}\n\n` : ""}${written([chapter], layout)}`;
    })
    .join("\n");

/** T07: from the second volume on the volume stands on the chapter's line. */
const later = (
  name: string,
  no: number,
  names: readonly string[],
  own: (no: number, title: string) => string,
  line: (volume: string, own: string) => string,
): Case => {
  const { layout, book } = each(no);
  const chapters = volumesOf(9, (_volume, no, _own, title) => own(no, title), names);
  const titles = chapters.map((chapter, index) => ({
    ...chapter,
    title: index < 9 ? chapter.title : line(chapter.volume!, chapter.title),
  }));
  const text = `${front(book)}${names[0]}\n\n${written(titles, layout)}`;
  return { name: `volume on the line later: ${name}`, layout, ...book, chapters, text };
};

const onLine: readonly Case[] = [
  later(
    "册, glued",
    0,
    ["第一册", "第二册", "第三册"],
    (no, title) => `第${zh(no)}章${title}`,
    (volume, own) => volume + own,
  ),
  later("卷 with names", 1, ["第一卷 风起", "第二卷 雪落", "第三卷 归来"], zhang, (volume, own) => `${volume} ${own}`),
  later("部", 2, ["第一部", "第二部"], arabic, (volume, own) => `${volume}${own}`),
  later(
    "卷N",
    3,
    ["卷一", "卷二", "卷三"],
    (no, title) => `第${zh(no)}章 ${title}`,
    (volume, own) => `${volume} ${own}`,
  ),
  later("上下卷", 4, ["上卷", "下卷"], zhang, (volume, own) => `${volume} ${own}`),
];

/** T15: a volume's line stands beneath the heading of its first chapter. */
const beneath = (name: string, no: number, names: readonly string[], line: Line, restart: boolean): Case => {
  const { layout, book } = each(no);
  const chapters = volumesOf(5, (_volume, no, own, title) => line(restart ? own : no, title), names);
  const text = chapters
    .map((chapter, index) => {
      const isFirst = chapter.volume !== chapters[index - 1]?.volume;
      const volume = isFirst ? `${chapter.volume}\n\n` : "";
      return `${chapter.title}\n\n${volume}${chapter.lines.map((text) => layout.indent + text).join(layout.between)}\n`;
    })
    .join("\n");
  return { name: `volume beneath its chapter: ${name}`, layout, ...book, chapters, text: front(book) + text };
};

const below: readonly Case[] = [
  beneath("卷 with names", 0, ["第一卷 风起", "第二卷 雪落", "第三卷 归来"], zhang, false),
  beneath("部 without names", 1, ["第一部", "第二部"], arabic, false),
  beneath("卷N", 2, ["卷一 山", "卷二 水", "卷三 人"], hui, false),
  beneath("上中下篇", 3, ["上篇", "中篇", "下篇"], zhang, false),
];

/** Volumes above their chapters, numbers beginning again or going on. */
const above = (
  name: string,
  no: number,
  names: readonly string[],
  line: (no: number, own: number, title: string) => string,
  perVolume = 5,
): Case => {
  const { layout, book } = each(no);
  const chapters = volumesOf(perVolume, (_volume, no, own, title) => line(no, own, title), names);
  return { name: `volumes above: ${name}`, layout, ...book, chapters, text: front(book) + heads(chapters, layout) };
};
const volumes: readonly Case[] = [
  above("restarting", 0, ["第一卷 风起", "第二卷 雪落", "第三卷 归来"], (_no, own, title) => zhang(own, title)),
  above("bare numbers, restarting", 1, ["第一部 风起", "第二部 雪落", "第三部 归来"], (_no, own) => zh(own)),
  above("titles glued, going on", 2, ["第一卷", "第二卷", "第三卷"], (no, _own, title) => glued(no, title)),
  above("节 in 章 that are volumes", 3, ["第一卷 风", "第二卷 雪"], (_no, own, title) => `第${zh(own)}节 ${title}`, 8),
];

/** T24: bare numbers, some of them without a blank line above. */
const bare = (name: string, no: number, count: number, line: Line): Case => {
  const layout = layouts[no % 2 === 0 ? 0 : 3]!;
  const book = books[no % books.length]!;
  const chapters = chaptersOf(count, line, 900);
  const text = chapters
    .map(
      ({ title, lines }, index) =>
        `${index % 7 === 4 ? "" : "\n"}${title}\n${lines.map((text) => layout.indent + text).join("\n")}\n`,
    )
    .join("");
  return { name: `bare numbers: ${name}`, layout, ...book, chapters, text: front(book) + text };
};
const bareNumbers: readonly Case[] = [
  bare("n T", 0, 25, (no, title) => `${no} ${title}`),
  bare("n.", 1, 18, (no) => `${no}.`),
  bare("N", 2, 30, (no) => zh(no)),
  bare("（n）", 3, 16, (no) => `（${no}）`),
  bare("0n、T", 4, 22, (no, title) => `${String(no).padStart(2, "0")}、${title}`),
  bare("【N】", 1, 15, (no) => `【${zh(no)}】`),
];

/** T26: titles glued to the number that begin like sentences. */
const sentenceTitles =
  "里面的人 的夜晚 中了埋伏 上路 这是谁家的灯 那只箱子 时光倒流 已经太晚了 就是他 所谓故人 我们都一样 便宜不占".split(
    " ",
  );
const like = (
  name: string,
  no: number,
  line: (no: number, title: string) => string,
  right: (no: number, title: string) => string = line,
): Case => {
  const { layout, book } = each(no);
  const chapters = range(24).map((no): Written => {
    const title = no % 2 === 0 ? sentenceTitles[(no / 2) % sentenceTitles.length]! : titleOf(no);
    return { title: right(no, title), lines: prose(no * 13, 700) };
  });
  const text =
    front(book) +
    written(
      chapters.map((chapter, index) => {
        const title =
          (index + 1) % 2 === 0 ? sentenceTitles[((index + 1) / 2) % sentenceTitles.length]! : titleOf(index + 1);
        return { ...chapter, title: line(index + 1, title) };
      }),
      layout,
    );
  return { name: `glued titles like sentences: ${name}`, layout, ...book, chapters, text };
};
const likeSentences: readonly Case[] = [
  like("第N章T", 0, glued),
  like(
    "正文 第N章T（n）",
    1,
    (no, title) => `正文 第${zh(no)}章${title}（${(no % 3) + 1}）`,
    (no, title) => `第${zh(no)}章${title}（${(no % 3) + 1}）`,
  ),
  like("第n章T", 2, (no, title) => `第${no}章${title}`),
  like("第N回T", 3, (no, title) => `第${zh(no)}回${title}`),
  like("第N章T, flush", 4, glued),
];

/** T18: where a site cut the text. */
const marks = (name: string, no: number, line: (no: number) => string, withTitle: boolean): Case => {
  const layout = layouts[0]!;
  const book = books[no % books.length]!;
  const chapters = range(8 + no).map((no): Written => {
    const lines = prose(no * 7, 1_200);
    return { title: withTitle ? `${line(no)} ${titleOf(no)}` : line(no), lines };
  });
  const text = chapters
    .map(
      ({ lines }, index) =>
        `------------\n\n${line(index + 1)}\n\n${withTitle ? `　　${titleOf(index + 1)}\n` : ""}${lines.map((text) => `　　${text}`).join("\n")}\n`,
    )
    .join("\n");
  return { name: `page marks: ${name}`, layout, ...book, chapters, text: front(book) + text };
};
const pageMarks: readonly Case[] = [
  marks("分节阅读 n", 0, (no) => `分节阅读 ${no}`, false),
  marks("分页阅读_n", 1, (no) => `分页阅读_${no}`, false),
  marks("分节阅读n", 2, (no) => `分节阅读${no}`, false),
  marks("分段阅读 第n页", 3, (no) => `分节阅读_${no}页`, false),
];

/** T27: units of their own. */
const units: readonly Case[] = ["則", "傳", "話", "節", "齣", "折", "讲", "封信", "夜", "案"].map((unit, no) =>
  plain(
    `the unit ${unit}`,
    no,
    chaptersOf(12, (no, title) => `第${zh(no)}${unit[0]}${unit.slice(1)}     ${title}`, 600),
  ),
);

const english: readonly Case[] = [
  plain(
    "chapter.001",
    0,
    chaptersOf(20, (no) => `chapter.${String(no).padStart(3, "0")}`),
  ),
  plain(
    "CHAPTER I",
    1,
    chaptersOf(
      9,
      (no, title) => `CHAPTER ${["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][no - 1]} ${title}`,
    ),
  ),
  plain(
    "Vol.1 Ch.1",
    2,
    chaptersOf(12, (no, title) => `Chapter ${no}: ${title}`),
  ),
];

/** Names before numbers. */
const names: readonly Case[] = [
  plain(
    "书 N（n）",
    0,
    range(4).flatMap((no) =>
      range(3).map((own): Written => ({ title: `雪夜书 ${zh(no)}（${own}）`, lines: prose(no * 9 + own, 800) })),
    ),
  ),
  plain("书 第N章", 1, chaptersOf(16, zhang), (layout) =>
    written(chaptersOf(16, zhang), layout, (title) => `长河入梦 ${title}`),
  ),
  plain("书：第n章", 3, chaptersOf(16, arabic), (layout) =>
    written(chaptersOf(16, arabic), layout, (title) => `一九三七年的渡口：${title}`),
  ),
  plain(
    "书之N",
    0,
    chaptersOf(10, (no) => `雪夜书之${zh(no)}`, 1500),
  ),
  plain(
    "书n",
    0,
    chaptersOf(10, (no) => `雪夜书 ${no}`, 1500),
  ),
];

export const headingCases: readonly Case[] = [
  ...changes,
  ...onLine,
  ...below,
  ...volumes,
  ...bareNumbers,
  ...likeSentences,
  ...pageMarks,
  ...units,
  ...english,
  ...names,
];
