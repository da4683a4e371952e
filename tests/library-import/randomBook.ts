import iconv from "iconv-lite";
import { Converter } from "opencc-js/cn2t";
import { mulberry32 } from "../support/random.ts";

/** A generated book as TXT, and what an import must find. */
export type MadeBook = {
  readonly text: string;
  readonly title: string;
  readonly lineEnd: string;
  readonly encoding: string;
  /** Titles of its chapters, in order, preface and afterword included, without spaces and ornaments. */
  readonly titles: readonly string[];
  readonly volumes: readonly string[];
  /** How it was generated, for the message of a failure. */
  readonly how: string;
};

const bookTitle = "灯下录";
const toTraditional = Converter({ from: "cn", to: "t" });

/** Each character by itself in its traditional form, as Big5 needs it; one that Big5 does not have becomes 天. */
function traditional(text: string): string {
  const inBig5 = (character: string) =>
    iconv.decode(iconv.encode(character, "big5"), "big5") === character ? character : "天";
  return text.replace(/\p{Script=Han}/gu, (character) => inBig5(toTraditional(character)));
}

/** A book entirely in traditional characters. */
function inBig5(book: MadeBook): MadeBook {
  const { text, title, titles, volumes, how } = book;
  return {
    ...book,
    text: traditional(text),
    title: traditional(title),
    titles: titles.map(traditional),
    volumes: volumes.map(traditional),
    encoding: "big5",
    how: `${how}, traditional`,
  };
}

const numerals = "零一二三四五六七八九";
/** 1 to 199 in Chinese. */
export function chineseNumber(no: number): string {
  if (no < 10) return numerals[no]!;
  if (no < 20) return `十${no === 10 ? "" : numerals[no - 10]}`;
  if (no < 100) return `${numerals[Math.floor(no / 10)]}十${no % 10 === 0 ? "" : numerals[no % 10]}`;
  const rest = no - 100;
  return `一百${rest === 0 ? "" : rest < 10 ? `零${numerals[rest]}` : rest < 20 ? `一${chineseNumber(rest)}` : chineseNumber(rest)}`;
}

type Form = {
  readonly name: string;
  readonly line: (no: number, title: string) => string;
  readonly bare?: true;
  /** The volume that the line names. */
  readonly volume?: (no: number) => string;
};
const zh = chineseNumber;
const forms: readonly Form[] = [
  { name: "第N章 T", line: (no, title) => `第${zh(no)}章 ${title}` },
  { name: "第N章T", line: (no, title) => `第${zh(no)}章${title}` },
  { name: "第n章 T", line: (no, title) => `第${no}章 ${title}` },
  { name: "第N回　T", line: (no, title) => `第${zh(no)}回　${title}` },
  { name: "第N节", line: (no) => `第${zh(no)}节` },
  { name: "【第N章】T", line: (no, title) => `【第${zh(no)}章】${title}` },
  { name: "正文 第N章 T", line: (no, title) => `正文 第${zh(no)}章 ${title}` },
  { name: "☆、第n章 T", line: (no, title) => `☆、第${no}章 ${title}` },
  { name: "书 第N章 T", line: (no, title) => `${bookTitle} 第${zh(no)}章 ${title}` },
  { name: "书第N章 T", line: (no, title) => `${bookTitle}第${zh(no)}章 ${title}` },
  { name: "第N則 T", line: (no, title) => `第${zh(no)}則 ${title}` },
  { name: "第N傳 T", line: (no, title) => `第${zh(no)}傳 ${title}` },
  { name: "第N幕 T", line: (no, title) => `第${zh(no)}幕 ${title}` },
  { name: "第N话 T", line: (no, title) => `第${zh(no)}话 ${title}` },
  { name: "第N节 T", line: (no, title) => `第${zh(no)}节 ${title}` },
  { name: "第N集：T", line: (no, title) => `第${zh(no)}集：${title}` },
  { name: "章N T", line: (no, title) => `章${zh(no)} ${title}` },
  {
    name: "卷X 第Y章 T",
    line: (no, title) => `卷${zh(1 + Math.floor(no / 7))} 第${zh(no)}章 ${title}`,
    volume: (no) => `卷${zh(1 + Math.floor(no / 7))}`,
  },
  { name: "Chapter n", line: (no) => `Chapter ${no}` },
  { name: "chapter.00n T", line: (no, title) => `chapter.${String(no).padStart(3, "0")} ${title}` },
  { name: "第X册第Y章T", line: (no, title) => `第${zh(1 + Math.floor(no / 7))}册第${zh(no)}章${title}` },
  { name: "书 n", line: (no) => `${bookTitle} ${no}`, bare: true },
  { name: "n、T", line: (no, title) => `${no}、${title}`, bare: true },
  { name: "00n T", line: (no, title) => `${String(no).padStart(3, "0")} ${title}`, bare: true },
  { name: "N、T", line: (no, title) => `${zh(no)}、${title}`, bare: true },
  { name: "n", line: (no) => String(no), bare: true },
  { name: "（N）", line: (no) => `（${zh(no)}）`, bare: true },
  { name: "N", line: (no) => zh(no), bare: true },
  { name: "n.T", line: (no, title) => `${no}.${title}`, bare: true },
  { name: "【n】T", line: (no, title) => `【${no}】${title}`, bare: true },
  { name: "书（n）", line: (no) => `${bookTitle}（${no}）`, bare: true },
  { name: "书之N", line: (no) => `${bookTitle}之${zh(no)}`, bare: true },
  { name: "分节阅读_n", line: (no) => `分节阅读_${no}`, bare: true },
  { name: "分节阅读 n", line: (no) => `分节阅读 ${no}`, bare: true },
];

const characters = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏云腾致雨露结为霜金生丽水玉出昆冈";
const banners = [
  "更多精彩小说请访问 www.example.com",
  "本书由某某论坛整理，仅供试阅",
  "您下载的电子书来自:某某书库 www.example.net",
  "☆☆☆请记住本站网址 http://www.example.org/ ☆☆☆",
  "手机用户请到m.example.com阅读",
];
const traps = [
  "他在墙上写下 <!-- 几个字，又擦掉了，谁也没有看见。",
  "面板上跳出一行字：<HP 100/100>，他看了又看，没有说话。",
  "她记下 www.example.com 这个地址，把纸折好收进口袋里。",
  "第三章里写的那些事，他后来一件也没有忘记过。",
  "他数到第一百零八章的时候，窗外已经大亮了。",
];

/** Generates the book of a seed: forms that may change midway, contents, volumes, banners, encodings, line ends. */
export function randomBook(seed: number): MadeBook {
  const random = mulberry32(seed);
  const below = (end: number) => Math.floor(random() * end);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
  const some = (length: number) => Array.from({ length }, () => one([...characters])).join("");
  const count = 6 + below(30);
  const first = one(forms);
  const second = random() < 0.4 ? one(forms.filter(({ bare }) => !bare === !first.bare || bare === undefined)) : first;
  const changeAt = 3 + below(count - 5);
  const inVolumes = !first.bare && !second.bare && !/[册卷集]/u.test(first.name + second.name) && random() < 0.4;
  const restarts = inVolumes && first === second && /T/u.test(first.name) && random() < 0.5;
  const perVolume = 3 + below(5);
  const indent = one(["　　", "    ", ""]);
  const gap = indent === "" || random() < 0.3 ? "\n\n" : "\n";
  const isCounted = /^第[Nn][章回节則傳幕话]/u.test(first.name) && /^第[Nn][章回节則傳幕话]/u.test(second.name);
  const contents = one([
    "none",
    "none",
    "none",
    "head",
    "titled",
    "paged",
    "end",
    ...(isCounted ? ["numbered"] : []),
    ...(isCounted && !inVolumes ? ["two a line"] : []),
    "middle",
  ]);
  const volumeBelow = inVolumes && !restarts && random() < 0.2;
  const sections = !first.bare && !second.bare && /^(?:none|head|titled|paged)$/.test(contents) && random() < 0.2;
  const faulty = first === second && /T/u.test(first.name) && count > 12 && !restarts && random() < 0.15;
  const hasPreface = contents === "middle" || random() < 0.3;
  const hasAfterword = random() < 0.3;

  const paragraph = () => `${indent}他说${some(30 + below(40))}。`;
  const text = () => {
    const paragraphs = Array.from({ length: 8 + below(8) }, paragraph);
    if (random() < 0.2) paragraphs.splice(2, 0, `${indent}${one(traps)}`);
    if (random() < 0.2) paragraphs.splice(4, 0, one(banners));
    if (sections)
      for (const [at, no] of [
        [0, 1],
        [4, 2],
        [7, 3],
      ] as const)
        paragraphs.splice(at, 0, `\n${zh(no)}\n`);
    return paragraphs.join(gap);
  };
  const volumes: string[] = [];
  const chapters = Array.from({ length: count }, (_, index) => {
    const form = index < changeAt ? first : second;
    const slip = faulty && index % 6 === 4 && index < count - 1 ? one([-1, 1]) : 0;
    const no = restarts ? (index % perVolume) + 1 : index + 1 + slip;
    const volume = inVolumes && index % perVolume === 0 ? `第${zh(index / perVolume + 1)}卷 ${some(3)}` : undefined;
    const named = volume ?? form.volume?.(no);
    if (named !== undefined && named !== volumes.at(-1)) volumes.push(named);
    return { heading: form.line(no, some(3 + below(6))), volume, text: text() };
  });
  const list = chapters.flatMap(({ heading, volume }) => [...(volume === undefined ? [] : [volume]), heading]);
  const listed = contents === "paged" ? list.map((line, index) => `${line}……${index * 7 + 3}`) : [...list];
  if (contents === "two a line") {
    const pairs = Array.from({ length: Math.ceil(list.length / 2) }, (_, index) =>
      list.slice(2 * index, 2 * index + 2),
    );
    listed.splice(0, listed.length, ...pairs.map((pair) => pair.join("　")));
  }
  if (contents === "numbered") listed.splice(0, listed.length, ...list.map((line, index) => `${index + 1}. ${line}`));
  const table = `${contents === "head" ? "" : "目录\n"}${listed.join("\n")}`;
  const front = [`《${bookTitle}》`, "作者：某甲", ""];
  const parts = [
    ...front,
    ...(/^(?:none|end|middle)$/.test(contents) ? [] : [table, ""]),
    ...(hasPreface ? ["序", "", text(), ""] : []),
    ...(contents === "middle" ? [table, ""] : []),
    ...chapters.flatMap(({ heading, volume, text }) => [
      ...(volume === undefined || volumeBelow ? [] : [volume, ""]),
      heading,
      "",
      ...(volume !== undefined && volumeBelow ? [volume, ""] : []),
      text,
      "",
    ]),
    ...(hasAfterword ? ["后记", "", text(), ""] : []),
    ...(contents === "end" ? ["", table] : []),
  ];
  const book: MadeBook = {
    text: parts.join("\n"),
    title: bookTitle,
    lineEnd: one(["\n", "\n", "\r\n", "\r\n", "\r"]),
    encoding: one([
      "utf8",
      "utf8 with mark",
      "gb18030",
      "big5",
      "utf16-le",
      "utf16-le with mark",
      "utf16-be",
      "utf16-be with mark",
    ]),
    titles: [
      ...(hasPreface ? ["序"] : []),
      ...chapters.map(({ heading }) => heading),
      ...(hasAfterword ? ["后记"] : []),
    ],
    volumes,
    how: `${first.name} → ${second.name} at ${changeAt} of ${count}, contents ${contents}, ${inVolumes ? `volumes of ${perVolume}${restarts ? ", restarting" : ""}` : "no volumes"}${volumeBelow ? " below" : ""}${sections ? ", sections" : ""}${faulty ? ", slips" : ""}, indent ${indent.length}, gap ${gap.length}`,
  };
  return book.encoding === "big5" ? inBig5(book) : book;
}
