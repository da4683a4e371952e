import { namedHeading } from "../headingNames.ts";
import type { ParsedChapter } from "../parsedBook.ts";
import { arabicDigits, numberOf, numeralCharacters } from "./numerals.ts";

/**
 * A line read as a heading in one of the forms that headings take. `unit` names the form: the unit that is counted (章, 卷),
 * `#` or `一` for bare numbers, Arabic or Chinese, `()` for numbers in brackets, `named` for 序章 and the like.
 */
export type Form = {
  readonly unit: string;
  readonly number: number;
  /** The heading without ornaments. */
  readonly title: string;
  /** What follows number and separator; empty if the line is a number only. */
  readonly rest: string;
  /** Number and title are not separated: 第一章风起, as a sentence of the body may begin too. */
  readonly loose: boolean;
  /** What stands before the number on the same line: a volume (第一卷 风起 第一章 少年), or the book's name. */
  readonly before?: string;
  readonly kind?: ParsedChapter["kind"];
};

/** The longest line that can be a heading, and the longest title in it, in UTF-16 units. */
export const longestHeading = 80;
const longestTitle = 35;

const units = "章回節节卷集部篇折话話幕季册冊段讲夜案";
const sameUnit: ReadonlyMap<string, string> = new Map([
  ["節", "节"],
  ["話", "话"],
  ["冊", "册"],
]);

const numeral = `[${numeralCharacters}](?:\\s{0,3}[${numeralCharacters}]){0,11}`;
const chineseNumeral = "[〇零一二两三四五六七八九十百千]{1,7}";
const separator = "[\\s：:、，,．.·•_|—－\\-]";
const words = "one two three four five six seven eight nine ten eleven twelve".split(" ");

const counted = new RegExp(`^[第弟笫]\\s*(?<number>${numeral})\\s*(?<unit>部分|[${units}])(?<tail>.*)$`, "u");
const uncounted = new RegExp(`^第\\s*(?<number>${numeral})(?<tail>${separator}.*)$`, "u");
const headless = new RegExp(`^(?<number>${numeral})\\s*(?<unit>[章回])(?<tail>(?:${separator}.*)?)$`, "u");
const volume = new RegExp(`^卷\\s*之?\\s*(?<number>[${numeralCharacters}]{1,7}|[上中下])(?<tail>.*)$`, "u");
const upperLower = /^(?<number>[上中下])(?<unit>[卷部篇集册])(?<tail>.*)$/u;
const arabic = new RegExp(`^(?<number>[${arabicDigits}]{1,5})(?:${separator}+(?<rest>\\S.*)|[、.．]?)$`, "u");
const glued = /^(?<number>\d{2,4})(?<rest>\p{Script=Han}.*)$/u;
const chinese = new RegExp(`^(?<number>${chineseNumeral})(?:[\\s：:、．.·]+(?<rest>\\S.*)|[、.．]?)$`, "u");
const bracketed = new RegExp(
  `^[（(【〔[]\\s*(?<number>[${arabicDigits}]{1,5}|${chineseNumeral})\\s*[）)】〕\\]]\\s*(?<rest>.*)$`,
  "u",
);
const english = new RegExp(
  `^(?<unit>chapter|part|book)\\s*(?<number>\\d{1,4}|[ivxlc]{1,8}|${words.join("|")})(?:[\\s.:：—-]+(?<rest>\\S.*))?$`,
  "iu",
);
const within = new RegExp(
  `^(?<before>.{1,30}?)\\s*(?<inner>第\\s*${numeral}\\s*[章回节節折话話](?:${separator}.*)?)$`,
  "u",
);

/** All forms that the line, without white space around it, can be read in; none if it is no heading. */
export function headingForms(line: string): readonly Form[] {
  if (line.length > longestHeading) return [];
  const title = withoutOrnaments(line);
  if (
    !/^[第弟笫卷上中下序楔前引番后後尾跋大终外叙自代总原又弁小开凡校出写内结附完最末间幕特正新请(（【〔[\d０-９]|^[〇零一二两三四五六七八九十百千廿卅壹贰叁肆伍陆柒捌玖拾]|^(?:chapter|part|book|pro|pre|epi|after|fore|intro)|第/iu.test(
      title,
    )
  )
    return [];
  return formsOf(title).filter(({ rest }) => rest.length <= longestTitle);
}

function formsOf(title: string): readonly Form[] {
  const name = namedHeading(title);
  if (name) return [{ unit: "named", number: 0, title, rest: name.rest, loose: false, kind: name.kind }];
  return [...countedForms(title), ...numberForms(title)];
}

function countedForms(title: string): readonly Form[] {
  const groups = (counted.exec(title) ?? volume.exec(title) ?? upperLower.exec(title))?.groups;
  const forms: Form[] = [];
  if (groups) {
    const unit = groups.unit === undefined ? "卷" : groups.unit === "部分" ? "部" : groups.unit;
    const form = withTail(sameUnit.get(unit) ?? unit, orderOf(groups.number!), title, groups.tail!);
    if (form) forms.push(form);
  }
  const inner = within.exec(title)?.groups;
  if (inner && inner.before !== "") {
    forms.push(...countedForms(inner.inner!).map((form) => ({ ...form, before: inner.before!.trim() })));
  }
  if (forms.length > 0) return forms;
  const short = headless.exec(title)?.groups;
  if (short) return some(withTail(short.unit!, numberOf(short.number!), title, short.tail!)).map(loosely);
  const bare = uncounted.exec(title)?.groups;
  return bare ? some(withTail("第", numberOf(bare.number!), title, bare.tail!)) : [];
}

function numberForms(title: string): readonly Form[] {
  const latin = english.exec(title)?.groups;
  if (latin) return form(latin.unit!.toLowerCase(), latinNumber(latin.number!.toLowerCase()), title, latin.rest);
  const inBrackets = bracketed.exec(title)?.groups;
  if (inBrackets) return form("()", numberOf(inBrackets.number!), title, inBrackets.rest);
  if (/^[上中下]$/u.test(title)) return form("上", orderOf(title), title, "");
  const digits = arabic.exec(title)?.groups;
  if (digits) return form("#", numberOf(digits.number!), title, digits.rest);
  const together = glued.exec(title)?.groups;
  if (together) return form("#", numberOf(together.number!), title, together.rest).map(loosely);
  const han = chinese.exec(title)?.groups;
  return han ? form("一", numberOf(han.number!), title, han.rest) : [];
}

function form(unit: string, number: number | undefined, title: string, rest = ""): readonly Form[] {
  return number === undefined ? [] : [{ unit, number, title, rest: rest.trim(), loose: false }];
}

function some(form: Form | undefined): readonly Form[] {
  return form ? [form] : [];
}

function loosely(form: Form): Form {
  return { ...form, loose: true };
}

/** 第三章完 ends a chapter and begins none. What follows a unit without a separator makes the form loose. */
function withTail(unit: string, number: number | undefined, title: string, tail: string): Form | undefined {
  if (number === undefined || /^\s*[（(]?(?:完|完结|未完待续|待续)[）)]?$/u.test(tail)) return undefined;
  const rest = tail.replace(new RegExp(`^${separator}+`, "u"), "").trim();
  const apart = tail === "" || rest.length < tail.trim().length || /^[\s（(]/u.test(tail) || /^[上中下]$/u.test(rest);
  return { unit, number, title, rest, loose: !apart };
}

function orderOf(number: string): number | undefined {
  const order = "上中下".indexOf(number);
  return order >= 0 ? order + 1 : numberOf(number);
}

function latinNumber(written: string): number | undefined {
  if (/^\d+$/.test(written)) return Number(written);
  const word = words.indexOf(written);
  if (word >= 0) return word + 1;
  const values: Record<string, number> = { i: 1, v: 5, x: 10, l: 50, c: 100 };
  const numbers = [...written].map((letter) => values[letter]!);
  return numbers.reduce((sum, value, index) => sum + (value < (numbers[index + 1] ?? 0) ? -value : value), 0);
}

const ornaments = "=＝*＊☆★◎●○◆◇■□▲△▼▽※#＃~～→←†‡§◈❀✿";
const leading = new RegExp(`^[${ornaments}\\-_]+\\s*`, "u");
const trailing = new RegExp(`\\s*(?:[${ornaments}]+|[\\-_—]{2,})$`, "u");
const label =
  /^(?:正文卷?|章节目录|章节内容|最新章节|VIP章节|VIP卷?|公众章节|免费章节)[\s：:．.、·_—-]*(?=[第卷序楔番尾引后]|chapter|\d)/iu;
const openings = "【〖[「『《〈＜<";
const closings = "】〗]」』》〉＞>";
const site = /[\s（(【[]*(?:https?:\/\/|www\.|wap\.|m\.)[\w.\-/]+[）)】\]]*$/iu;

/** The heading without what download sites put around it: ornaments, brackets (【第一章】 风起), labels (正文 第一章). */
function withoutOrnaments(line: string): string {
  let title = line.replace(leading, "").replace(trailing, "").replace(site, "").trim();
  title = title.replace(label, "");
  const bracket = openings.indexOf(title[0] ?? "");
  if (title !== "" && bracket >= 0 && /^.\s*(?:[第卷]|正文|序|楔|番外|后记|尾声|前言|引子)/u.test(title)) {
    const close = title.indexOf(closings[bracket]!);
    if (close > 0) {
      title = `${title.slice(1, close).trim()} ${title.slice(close + 1).trim()}`.trim().replace(label, "");
    }
  }
  return title.replace(/\t/g, " ");
}

/** Whether a title is that of a volume: 第一卷 风起, 卷二, 上部. */
export function isVolumeTitle(title: string): boolean {
  return headingForms(title).some(({ unit, loose }) => !loose && /^[部卷集篇册季]$/u.test(unit));
}
