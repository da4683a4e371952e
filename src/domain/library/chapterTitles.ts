import { maxLengths } from "./limits.ts";

const hanNumerals = "零〇一二三四五六七八九十百千万萬两兩廿卅壹贰叁肆伍陆柒捌玖拾";
const number = `[\\p{Nd}${hanNumerals}]+`;
const units = "章节節回卷部集篇话話幕折则則页頁";
const between = "[\\s\\p{P}\\p{S}]*";
const optionalUnit = `[${units}更天季日]?`;
const word = "[\\p{L}\\p{N}]";

/**
 * A title that is only a number (第十二章, No. 12, Chapter 12), or the title of a text without chapters. Two runs of punctuation
 * always have something between them, so that a title of nothing else takes time in proportion to its length.
 */
const bare = new RegExp(
  `^正文$|^[\\s\\p{P}]*(?:(?:第|chapter|part|no)[\\s\\p{P}]*)?${number}[\\s\\p{P}]*(?:[${units}][\\s\\p{P}]*)?$`,
  "iu",
);

/**
 * A number that counts: behind 第, in digits, in Roman letters (also other words of these letters), or in Chinese numerals that end a word
 * or stand before a unit that does. Those of a name (一夜, 三体) do neither.
 */
const counting = [
  `(?<=第 ?)${number}`,
  "\\p{Nd}+",
  `(?<!${word})[ivxlc]+(?!${word})`,
  `(?<![${hanNumerals}])[${hanNumerals}]+(?=${optionalUnit}(?:(?!${word})|第))`,
].join("|");
const allCounting = new RegExp(counting, "gu");
const counted = `(?:${counting}) ?${optionalUnit}`;
/** Everything up to the first number that counts, and others that follow it: VIP卷 第12章, 卷一·第12章, （12）. */
const numbering = new RegExp(`^.*?${counted}(?:${between}(?:第 ?)?${counted})*${between}`, "su");
const letterOfName = new RegExp(`(?![${hanNumerals}])\\p{L}`, "u");

/** Returns whether a title only numbers a chapter and does not describe its contents. */
export function isBareTitle(title: string): boolean {
  return bare.test(title);
}

/** A title with # for each number that counts: equal for chapters of one form, such as 番外（3） and 番外（十二）. */
export function maskedTitle(title: string): string {
  return folded(title).replace(allCounting, "#");
}

/** What stands behind the number of a title, or the title if it has none; undefined where only the number tells the chapter. */
export function nameInTitle(title: string): string | undefined {
  const name = folded(title).replace(numbering, "");
  return letterOfName.test(name) ? name : undefined;
}

/** A title in one width and case, with Roman numerals as letters and ⑫ as 12. NFKC makes up to 18 characters of one: no more than a heading has. */
function folded(title: string): string {
  return title.normalize("NFKC").slice(0, maxLengths.heading).toLowerCase().replace(/\s+/gu, " ").trim();
}
