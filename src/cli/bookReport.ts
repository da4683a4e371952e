import { type Account, keptShare } from "../library-import/account.ts";
import type { ParsedChapter } from "../library-import/parsedBook.ts";
import { countWords } from "../library-import/words.ts";

/** Many times the usual length, and so many words: an entry that may be several. */
const long = { times: 10, words: 20_000 };
const mostTold = 5;

/** What the report says of a file's account: how much was kept, by which rule, and what to look at. */
export function accountLines(account: Account | null | undefined): readonly string[] {
  if (account === null || account === undefined) return [];
  const { read, kept, rule, warnings } = account;
  const share = (100 * keptShare(account)).toFixed(1);
  return [
    `${share} % of the text kept (${kept} of ${read} characters); cut by: ${rule}`,
    ...warnings.map((warning) => `! ${warning}`),
  ];
}

/** Chapters that a person should look at, besides those that the account tells: those that may be several. */
export function suspicious(chapters: readonly Pick<ParsedChapter, "no" | "title" | "text">[]): readonly string[] {
  const counted = chapters.map(({ no, title, text }) => ({ no, title, words: countWords(text) }));
  const usual = usualWords(counted);
  const found = counted.filter(({ words }) => tooLong(words, usual));
  return found
    .slice(0, mostTold)
    .map(({ no, title, words }) => `! ${no} ${title} has ${words} words: it may be several chapters`);
}

/** Words that a chapter of the book usually has. */
export function usualWords(chapters: readonly { readonly words: number }[]): number {
  return chapters.map(({ words }) => words).sort((a, b) => a - b)[Math.floor(chapters.length / 2)] ?? 0;
}

/** Whether so many words are many times the usual. */
export function tooLong(words: number, usual: number): boolean {
  return words > long.words && words > long.times * usual;
}

/** The contents of a book, a line each. */
export function contentsLines(
  chapters: readonly Pick<ParsedChapter, "no" | "title" | "volume" | "kind" | "text">[],
): readonly string[] {
  return chapters.map(({ no, title, volume, kind, text }) => {
    const where = volume === null ? "" : `${volume} / `;
    return `${no} ${where}${title}${kind === "chapter" ? "" : ` (${kind})`}: ${countWords(text)} words`;
  });
}
