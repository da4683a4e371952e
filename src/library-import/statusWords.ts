import type { ParsedBook } from "./parsedBook.ts";

const serialising =
  /^(?:连载中?|連載中?|更新中|(?:更新|连载|更新连载)[到至].{1,30}|未完结?|未完成|serialis?z?ing|ongoing|0)$/iu;
const finished = /^(?:(?:已经?)?(?:完结|完本|完成|全本|完結)(?:作品)?|全文完|finished|completed?|1)$/iu;

/** The status of a book from a source's word (连载, 完本, 已完结, 0, 1); undefined if unknown. */
export function statusOf(word: string): ParsedBook["status"] {
  const trimmed = word.trim();
  if (serialising.test(trimmed)) return "serialising";
  return finished.test(trimmed) ? "finished" : undefined;
}

/** A word count in the formats of sources: 123456, 123,456, 123.4万, 12.3万字, 1.2亿字; undefined if invalid. */
export function wordsOf(written: string | number): number | undefined {
  const groups = /^约?(?<digits>\d{1,12}(?:\.\d{1,6})?)\s*(?<unit>[万萬亿億])?\s*字?$/u.exec(
    String(written).replace(/[,，\s]/gu, ""),
  )?.groups;
  if (!groups) return undefined;
  const factor = groups.unit === undefined ? 1 : /[亿億]/u.test(groups.unit) ? 100_000_000 : 10_000;
  const words = Math.round(Number(groups.digits) * factor);
  return words > 0 && Number.isSafeInteger(words) ? words : undefined;
}

const channels: ReadonlyMap<string, ParsedBook["channel"]> = new Map([
  ["男频", "male"],
  ["男生", "male"],
  ["male", "male"],
  ["女频", "female"],
  ["女生", "female"],
  ["female", "female"],
  ["出版", "published"],
  ["published", "published"],
]);

/** The channel for a source's word; undefined if unknown. */
export function channelOf(word: string): ParsedBook["channel"] {
  return channels.get(word.trim().toLowerCase());
}
