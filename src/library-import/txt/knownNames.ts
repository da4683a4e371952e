import { type Found, isSentence } from "./candidates.ts";
import type { TextLines } from "./lines.ts";

/** From so many times on, with so many numbers, what stands before numbers is a name: 且看 第四章 is a sentence. */
const min = { times: 3, numbers: 3 };
/** Minimum share of a name's numbers that continue the one before, or begin again: those of sentences come in any order. */
const mostlyGoesOn = 0.6;
/** Maximum jump of the numbers in a sequence. */
const jump = 2;

/** The number of lines that are the head of a file. */
const headLines = 30;
const titleLine =
  /^(?:书名|小说名)?[：:\s]*[《【「]?(?<title>[^《》【】「」，。！？：；“”\s]{2,30})[》】」]?(?:\s*作者.*)?$/u;

/** A number that a list puts before each of its lines: 12. 第十二章. */
const counter = /^[\d\s.、．]{1,8}$/u;

const volumeOnLine = /^第.{1,10}[卷部集季篇册冊编編辑輯章]|^卷|^[上中下][卷部篇集册]/u;

/** Returns whether the text before a number on its line is a volume. */
export function isVolumeOnLine(before: string): boolean {
  return volumeOnLine.test(before);
}

/**
 * The forms without those whose number stands in a sentence (且看 第四章); a volume, the book's title, or a name that stands
 * before many numbers in order, makes the number clear.
 */
export function withKnownNames(lines: TextLines, found: readonly Found[]): readonly Found[] {
  const numbers = new Map<string, { readonly all: number[]; alone: boolean }>();
  for (const { before, unit, number } of found) {
    if (before === undefined) continue;
    const own = numbers.get(before) ?? { all: [], alone: false };
    own.all.push(number);
    own.alone ||= unit === "名";
    numbers.set(before, own);
  }
  const titles = titlesOf(lines, found[0]?.line ?? 0);
  const names = new Set([...numbers].flatMap(([name, { all, alone }]) => (isName(name, all, alone) ? name : [])));
  return found.flatMap((form) => {
    const { before, unit, rest } = form;
    if (before === undefined) return [form];
    if (counter.test(before)) return isSentence(rest) ? [] : [{ ...form, before: undefined, loose: false }];
    const isKnown = names.has(before) || titles.has(before) || (unit !== "名" && isVolumeOnLine(before));
    return isKnown && !isSentence(rest) ? [{ ...form, loose: false }] : [];
  });
}

/**
 * The lines that stand alone at the head of the file, above the first line that may be a heading, or are named there as the
 * title.
 */
function titlesOf({ trimmed }: TextLines, end: number): ReadonlySet<string> {
  const titles = trimmed
    .slice(0, Math.min(headLines, end))
    .flatMap((line) => titleLine.exec(line)?.groups?.title ?? []);
  return new Set(titles.filter((title) => title.length >= 2));
}

/** `alone`: the numbers, or some of them, have no unit. 灯下录 一（1）, 灯下录 一（2）: such a number may come often. */
function isName(name: string, numbers: readonly number[], alone: boolean): boolean {
  if (numbers.length < min.times || !/[\p{L}\p{N}]/u.test(name)) return false;
  if (new Set(numbers).size < (alone ? min.numbers - 1 : min.numbers)) return false;
  const goingOn = numbers.filter((number, index) => {
    const step = number - (numbers[index - 1] ?? number);
    return index > 0 && ((step >= 0 && step <= jump) || number <= 1);
  });
  return goingOn.length >= mostlyGoesOn * (numbers.length - 1);
}
