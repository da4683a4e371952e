import type { Case } from "./cases.ts";
import { layouts, prose, range, titleOf, type Written, written, zh } from "./prose.ts";

const layout = layouts[0]!;
const book = { title: "雪夜书", author: "林深" };
const front = "《雪夜书》\n作者：林深\n\n";
type Line = (no: number, title: string) => string;
const chapterOf = (no: number, title: string, more: Partial<Written> = {}): Written => ({
  title,
  lines: prose(no * 67 + 5, 600),
  ...more,
});
const clear: Line = (no, title) => `第${zh(no)}章 ${title}`;

/** Chapters whose lines in the file are `line`, and whose titles should be `right`. */
const form = (name: string, line: Line, right: Line = line, count = 14, own = layout): Case => {
  const chapters = range(count).map((no) => chapterOf(no, right(no, titleOf(no))));
  let at = 0;
  const text = front + written(chapters, own, () => line(++at, titleOf(at)));
  return { name: `form: ${name}`, layout: own, ...book, chapters, text };
};
const financial = (no: number) =>
  [...zh(no)].map((one) => "零壹贰叁肆伍陆柒捌玖拾佰"["零一二三四五六七八九十百".indexOf(one)]).join("");
const romans = "Ⅰ Ⅱ Ⅲ Ⅳ Ⅴ Ⅵ Ⅶ Ⅷ Ⅸ Ⅹ Ⅺ Ⅻ".split(" ");
const latin = "I II III IV V VI VII VIII IX X XI XII".split(" ");

/** Headings as reading apps, sites and typesetters export them. */
export const exportForms: readonly Case[] = [
  form("第1章 第一章 T", (no, title) => `第${no}章 第${zh(no)}章 ${title}`),
  form("第n章 before the author's own number, off by one", (no, title) =>
    no === 1 ? `第1章 楔子 ${title}` : `第${no}章 第${zh(no - 1)}章 ${title}`,
  ),
  form("1.第一章 T", (no, title) => `${no}.第${zh(no)}章 ${title}`, clear),
  form("0001 第一章 T", (no, title) => `${String(no).padStart(4, "0")} 第${zh(no)}章 ${title}`, clear),
  form("第壹拾贰章 T", (no, title) => `第${financial(no)}章 ${title}`),
  form("第Ⅳ章 T", (no, title) => `第${romans[no - 1]}章 ${title}`, undefined, 12),
  form("第IV章 T", (no, title) => `第${latin[no - 1]}章 ${title}`, undefined, 12),
  form("Ⅳ T", (no, title) => `${romans[no - 1]} ${title}`, undefined, 12),
  form("Ⅳ alone", (no) => romans[no - 1]!, undefined, 12),
  form("壹、T", (no, title) => `${financial(no)}、${title}`),
  form("壹 alone", (no) => financial(no)),
  form("（壹）T", (no, title) => `（${financial(no)}）${title}`),
  form(
    "- 1 -",
    (no) => `- ${no} -`,
    (no) => String(no),
  ),
  form(
    "-01-",
    (no) => `-${String(no).padStart(2, "0")}-`,
    (no) => String(no).padStart(2, "0"),
  ),
  form(
    "— 一 —",
    (no) => `— ${zh(no)} —`,
    (no) => zh(no),
  ),
  form(
    "·1·",
    (no) => `·${no}·`,
    (no) => String(no),
  ),
  form("1） T", (no, title) => `${no}）${title}`),
  form("〔一〕T", (no, title) => `〔${zh(no)}〕${title}`),
  form("〈一〉", (no) => `〈${zh(no)}〉`),
  form("PART 01 T", (no, title) => `PART ${String(no).padStart(2, "0")} ${title}`),
  form("Part.01 T", (no, title) => `Part.${String(no).padStart(2, "0")} ${title}`),
  form("第一章 / T", (no, title) => `第${zh(no)}章 / ${title}`),
  form("第一章 | T", (no, title) => `第${zh(no)}章 | ${title}`),
  form("第一章丨T", (no, title) => `第${zh(no)}章丨${title}`),
  form("第一章_T", (no, title) => `第${zh(no)}章_${title}`),
  form("第一章～T", (no, title) => `第${zh(no)}章～${title}`),
  form("第一章「T」", (no, title) => `第${zh(no)}章「${title}」`),
  form("第一章 《T》", (no, title) => `第${zh(no)}章 《${title}》`),
  form("第一章·T", (no, title) => `第${zh(no)}章·${title}`),
  form("第一章 “T？”", (no, title) => `第${zh(no)}章 “${title}？”`),
  form("第一章 T……", (no, title) => `第${zh(no)}章 ${title}……`),
  form("第一章 T？", (no, title) => `第${zh(no)}章 ${title}${"？！"[no % 2]}`),
  form("第一章 T，T", (no, title) => `第${zh(no)}章 ${title}，${titleOf(no + 3)}`),
  form("第一章 T、T、T", (no, title) => `第${zh(no)}章 ${title}、${titleOf(no + 3)}、${titleOf(no + 5)}`),
  form("第一章 T (第1/2页)", (no, title) => `第${zh(no)}章 ${title} (第1/2页)`),
  form("第一章 T（1/2）", (no, title) => `第${zh(no)}章 ${title}（1/2）`),
  form("第一章 T（求鲜花）", (no, title) => `第${no}章 ${title}（求鲜花，求评价票）`),
  form("第一章 T ＋ a heart", (no, title) => `第${zh(no)}章 ${title} ❤`),
  form("第一卷 第一章 T, a volume's name between", (no, title) => `第一卷·渡口 第${zh(no)}章 ${title}`, clear),
  form("卷之一", (no, title) => `卷之${zh(no)}　${title}`),
  form("第一折", (no) => `第${zh(no)}折`),
  form("第0章 on", (no, title) => `第${no - 1}章 ${title}`),
  form(
    "第一季第一集 T",
    (no, title) => `第一季第${zh(no)}集 ${title}`,
    (no, title) => `第${zh(no)}集 ${title}`,
  ),
  form("第一篇 T", (no, title) => `第${zh(no)}篇 ${title}`),
  form("第一章 T - 某某小说网", (no, title) => `第${zh(no)}章 ${title} - www.example.com`, clear),
  form("chapter 1 in full width", (no, title) => `Ｃｈａｐｔｅｒ ${no} ${title}`),
  form("第一章, hard-wrapped paragraphs flush", clear, undefined, 14, layouts[4]!),
];
