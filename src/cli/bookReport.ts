import { type Account, keptShare } from "../library-import/account.ts";
import type { ParsedChapter } from "../library-import/parsedBook.ts";
import { countWords } from "../library-import/words.ts";

/** A chapter longer than both limits may be several chapters: a multiple of the usual length, and a number of words. */
const long = { times: 10, words: 20_000 };
const maxPrinted = 5;

/** The report of how a file was parsed: the share of text kept, the rule used, and warnings. */
export function accountLines(account: Account | null | undefined): readonly string[] {
  if (account === null || account === undefined) return [];
  const { read, kept, rule, warnings } = account;
  const share = (100 * keptShare(account)).toFixed(1);
  return [
    `${share} % of the text kept (${kept} of ${read} characters); chapters by: ${rule}`,
    ...warnings.map((warning) => `! ${warning}`),
  ];
}

/** Chapters to check that the account does not mention: those that may be several chapters. */
export function suspicious(chapters: readonly Pick<ParsedChapter, "no" | "title" | "text">[]): readonly string[] {
  const counted = chapters.map(({ no, title, text }) => ({ no, title, words: countWords(text) }));
  const usual = usualWords(counted);
  const found = counted.filter(({ words }) => tooLong(words, usual));
  return found
    .slice(0, maxPrinted)
    .map(({ no, title, words }) => `! ${no} ${title} has ${words} words: it may be several chapters`);
}

/** The median number of words of a book's chapters. */
export function usualWords(chapters: readonly { readonly words: number }[]): number {
  return chapters.map(({ words }) => words).sort((a, b) => a - b)[Math.floor(chapters.length / 2)] ?? 0;
}

/** Returns whether a chapter is suspiciously long. */
export function tooLong(words: number, usual: number): boolean {
  return words > long.words && words > long.times * usual;
}

/** The table of contents of a book, one chapter per line. */
export function contentsLines(
  chapters: readonly Pick<ParsedChapter, "no" | "title" | "volume" | "kind" | "text">[],
): readonly string[] {
  return chapters.map(({ no, title, volume, kind, text }) => {
    const where = volume === null ? "" : `${volume} / `;
    return `${no} ${where}${title}${kind === "chapter" ? "" : ` (${kind})`}: ${countWords(text)} words`;
  });
}
