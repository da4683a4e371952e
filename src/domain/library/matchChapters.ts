import { isBareTitle } from "./bareTitle.ts";
import type { PublishedChapter } from "./events.ts";

/** The identity of an offered chapter: its number in its edition, and text, title and volume where they are known. */
export type MatchedChapter = Pick<PublishedChapter, "no"> & {
  readonly sha256: string | undefined;
  readonly title: string | undefined;
  readonly volume: string | null | undefined;
};

/** The SHA-256 of an empty text, which does not identify a chapter. */
const emptyText = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Criteria by which an offered chapter is matched with a published one, the most reliable first; undefined where it lacks one. A title that is
 * only a number moves to another text when a chapter is put in before it: there the text comes first.
 */
const likenesses: readonly ((chapter: MatchedChapter) => string | undefined)[] = [
  ({ sha256, title }) => (title === undefined || sha256 === undefined ? undefined : JSON.stringify([sha256, title])),
  ({ sha256, title }) => (title !== undefined && isBareTitle(title) && sha256 !== emptyText ? sha256 : undefined),
  ({ volume, title }) => (title === undefined || volume === undefined ? undefined : JSON.stringify([volume, title])),
  ({ title }) => title,
  ({ sha256 }) => sha256,
];

/**
 * The published chapter that matches each offered one best, by the number of the offered one. Each is used once; among equal
 * chapters the order decides.
 */
export function matchChapters(
  published: readonly PublishedChapter[],
  offered: readonly MatchedChapter[],
): Map<number, PublishedChapter> {
  const matches = new Map<number, PublishedChapter>();
  const taken = new Set<string>();
  for (const likeness of likenesses) {
    const known = new Map<string, PublishedChapter[]>();
    for (const chapter of published) {
      const key = taken.has(chapter.chapterId) ? undefined : likeness(chapter);
      if (key === undefined) continue;
      const alike = known.get(key);
      if (alike === undefined) known.set(key, [chapter]);
      else alike.push(chapter);
    }
    for (const chapter of offered) {
      const key = matches.has(chapter.no) ? undefined : likeness(chapter);
      const match = key === undefined ? undefined : known.get(key)?.shift();
      // Editions of earlier releases may have an id twice.
      if (match === undefined || taken.has(match.chapterId)) continue;
      matches.set(chapter.no, match);
      taken.add(match.chapterId);
    }
  }
  return matches;
}
