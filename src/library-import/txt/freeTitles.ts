import { bannerOf } from "./banners.ts";
import type { Found } from "./candidates.ts";
import { isRule } from "./dividers.ts";
import { indentOf, standsAlone, type TextLines } from "./lines.ts";
import { lengthsBelow, medianOf, type Stretch, spreadOf } from "./spread.ts";

/**
 * Limits of the titles of essays and stories: the maximum length of the line and the minimum of the text below it, in UTF-16
 * units.
 */
const longest = 24;
const leastText = 300;
/** The minimum number of titles, and the minimum share of the text that they explain. */
const min = { titles: 4, explained: 0.7 };

const noTitle =
  /[。，！？；：、…”」』：:,;!?~～—-]$|^[“「『（(—…\-*]|^\d+$|[。；]|^(?:全文完|完|目录|待续|未完待续|作者|编者)/u;

/** The day of a diary, with its weather: 2012年3月4日　晴, 三月四日 星期日. */
const date =
  /^(?:[\d〇零一二三四五六七八九]{2,4}\s*年\s*)?[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*[日号](?:[\s，,].{1,12})?$|^\d{4}([-/.])\d{1,2}\1\d{1,2}(?:\s.{1,12})?$/u;

/**
 * The titles of a text whose parts have no numbers, such as essays: short lines that stand alone, do not read like a sentence,
 * and have a good deal of text below each. None unless they explain the stretch.
 */
export function freeTitles(lines: TextLines, stretch: Stretch, skip: (line: number) => boolean): readonly Found[] {
  const titles: Found[] = [];
  const mark = commonMark(lines, stretch);
  for (let line = stretch.from; line < stretch.to; line += 1) {
    const title = lines.trimmed[line]!;
    if (title.length < 2 || title.length > longest || noTitle.test(title)) continue;
    const isShown = title[0] === mark;
    // Where every paragraph stands alone, only the form shows a title.
    if (!isShown && (!standsAlone(lines, line) || (lines.paragraphsApart && !date.test(title)))) continue;
    if (skip(line) || bannerOf(title) !== undefined || isRule(title) || !/\p{L}/u.test(title)) continue;
    titles.push({ line, title, unit: "named", number: 0, rest: title, loose: false, kind: "chapter" });
  }
  const sameIndent = ofCommonIndent(lines, titles);
  const lengths = lengthsBelow(
    lines,
    sameIndent.map(({ line }) => line),
    stretch.to,
  );
  const kept = sameIndent.filter((_, index) => lengths[index]! >= leastText);
  const starts = kept.map(({ line }) => line);
  const { explained } = spreadOf(lines, stretch, starts);
  const sound = kept.length >= min.titles && explained >= min.explained;
  return sound && medianOf(lengthsBelow(lines, starts, stretch.to)) >= leastText ? kept : [];
}

function ofCommonIndent(lines: TextLines, titles: readonly Found[]): readonly Found[] {
  const indents = titles.map(({ line }) => indentOf(lines, line));
  const usual = medianOf(indents);
  return titles.filter((_, index) => indents[index] === usual);
}

/** The sign that stands before short lines again and again: ★青蛙王子. */
function commonMark({ trimmed }: TextLines, { from, to }: Stretch): string | undefined {
  const times = new Map<string, number>();
  for (let line = from; line < to; line += 1) {
    const text = trimmed[line]!;
    if (text.length > longest || !/^[★☆◆◇●○■□◎▲△§][^★☆◆◇●○■□◎▲△§]*\p{L}/u.test(text)) continue;
    times.set(text[0]!, (times.get(text[0]!) ?? 0) + 1);
  }
  const [mark, count] = [...times].reduce((best, next) => (next[1] > best[1] ? next : best), ["", 0]);
  return count >= min.titles ? mark : undefined;
}
