import { isBareTitle } from "./chapterTitles.ts";
import type { Edition } from "./edition.ts";
import type { PublishedChapter } from "./events.ts";

/** The fields of a chapter that are compared. */
export type ComparedChapter = Pick<PublishedChapter, "title" | "sha256" | "length">;

/** The share of the published chapters that a new edition of the same book must retain. */
const leastShared = 0.5;
/** Two chapters with the same title count as one, corrected, if their lengths differ by at most this share. */
const corrected = 0.02;

/**
 * Returns whether `offered` is a new edition of the published book: at least half of the published chapters are in it, with the
 * same text or, corrected, with the same title and nearly the same length. Titles that are only a number (第一章) are not compared:
 * pieces cut from a text without headings all have such a title and a similar length. Published chapters without text do not
 * count, because they have no text to lose.
 */
export function continuesEdition(published: Edition | undefined, offered: readonly ComparedChapter[]): boolean {
  const withText = published?.chapters.filter(({ length }) => length > 0) ?? [];
  if (withText.length === 0) return true;
  const texts = new Set(offered.map(({ sha256 }) => sha256));
  const lengths = new Map<string, number[]>();
  for (const { title, length } of offered) lengths.set(title, [...(lengths.get(title) ?? []), length].slice(0, 8));
  const shared = withText.filter(
    ({ title, sha256, length }) =>
      texts.has(sha256) ||
      (!isBareTitle(title) &&
        (lengths.get(title) ?? []).some((other) => Math.abs(other - length) <= corrected * Math.max(other, length))),
  );
  return shared.length >= leastShared * withText.length;
}
