import { groupBy } from "../groupBy.ts";
import { betweenNeighbours } from "./betweenNeighbours.ts";
import { maskedTitle, nameInTitle } from "./chapterTitles.ts";
import type { PublishedChapter } from "./events.ts";

/** The identity of an offered chapter: its number in its edition, and text, title and volume where they are known. */
export type MatchedChapter = Pick<PublishedChapter, "no" | "length"> & {
  readonly sha256: string | undefined;
  readonly title: string | undefined;
  readonly volume: string | null | undefined;
};

/** A criterion by which chapters match: equal keys; undefined where a chapter lacks it. */
type Likeness = (chapter: MatchedChapter) => string | undefined;

/** The SHA-256 of an empty text, which does not identify a chapter. */
const emptyText = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/** From this length on, in UTF-16 units, a text identifies its chapter: shorter ones may be notices that move from chapter to chapter. */
const leastTelling = 200;

const text: Likeness = ({ sha256 }) => (sha256 === emptyText ? undefined : sha256);
const longText: Likeness = ({ sha256, length }) => (length < leastTelling ? undefined : sha256);
const textAndTitle: Likeness = ({ sha256, title }) => both(sha256, title);
const longTextAndTitle: Likeness = (chapter) => both(longText(chapter), chapter.title);
const textAndForm: Likeness = (chapter) => both(text(chapter), masked(chapter));
const volumeAndTitle: Likeness = ({ volume, title }) =>
  title === undefined || volume === undefined ? undefined : JSON.stringify([volume, title]);
const title: Likeness = (chapter) => chapter.title;
const nameOrForm: Likeness = (chapter) => name(chapter) ?? masked(chapter);
const name: Likeness = (chapter) => (chapter.title === undefined ? undefined : nameInTitle(chapter.title));

/**
 * The chapter that matches each offered one best, by the number of the offered one: a published one, or one that an earlier edition had
 * and the published one has not (of `removed`), by its text, if that is short with its title. Each is used once; among equal chapters the order decides. Texts that did
 * not change come first, whatever number or name their chapters have now; then titles, of chapters between the same neighbours also with
 * another number; and last a name that one chapter of each edition has. Both editions are whole and in order.
 */
export function matchChapters(
  published: readonly PublishedChapter[],
  offered: readonly MatchedChapter[],
  removed: readonly PublishedChapter[] = [],
): Map<number, PublishedChapter> {
  const matches = new Map<number, PublishedChapter>();
  if (published.length === 0 && removed.length === 0) return matches;
  const taken = new Set<string>();
  const match = (no: number, chapter: PublishedChapter | undefined) => {
    // Editions of earlier releases may have an id twice.
    if (chapter === undefined || taken.has(chapter.chapterId)) return;
    matches.set(no, chapter);
    taken.add(chapter.chapterId);
  };
  const matchBy = (likeness: Likeness, among: readonly PublishedChapter[]) => {
    const known = groupBy(among, (chapter) => (taken.has(chapter.chapterId) ? undefined : likeness(chapter)));
    for (const chapter of offered) {
      const key = matches.has(chapter.no) ? undefined : likeness(chapter);
      if (key !== undefined) match(chapter.no, known.get(key)?.shift());
    }
  };

  const standing = new Set(published.map(({ chapterId }) => chapterId));
  const away = removed.filter(({ chapterId }) => !standing.has(chapterId));
  const movable = movableTexts(published);
  const ownTextAndForm: Likeness = (chapter) =>
    chapter.sha256 !== undefined && movable.has(chapter.sha256) ? undefined : textAndForm(chapter);
  for (const likeness of [textAndTitle, ownTextAndForm, longText]) matchBy(likeness, published);
  for (const likeness of [longTextAndTitle, longText]) matchBy(likeness, away);
  if (matches.size === offered.length) return matches;
  const numbers = new Map(offered.map((chapter) => [chapter.no, chapter]));
  for (const [no, chapter] of betweenNeighbours(published, offered, matches))
    if (nameOrForm(numbers.get(no)!) === nameOrForm(chapter)) match(no, chapter);
  for (const likeness of [volumeAndTitle, title, text]) matchBy(likeness, published);
  matchBy(textAndTitle, away);
  if (matches.size === offered.length) return matches;
  const names = [groupBy(published, name), groupBy(offered, name)];
  matchBy((chapter) => {
    const key = name(chapter);
    return key !== undefined && names.every((known) => known.get(key)?.length === 1) ? key : undefined;
  }, published);
  return matches;
}

/** Short texts of the newest chapter, or of several chapters: they may be notices that move to the next chapter. */
function movableTexts(published: readonly PublishedChapter[]): ReadonlySet<string> {
  const newest = published.at(-1)?.sha256;
  const seen = new Set<string>();
  const movable = new Set<string>();
  for (const { sha256, length } of published) {
    if (length >= leastTelling) continue;
    if (seen.has(sha256) || sha256 === newest) movable.add(sha256);
    seen.add(sha256);
  }
  return movable;
}

function masked(chapter: MatchedChapter): string | undefined {
  return chapter.title === undefined ? undefined : maskedTitle(chapter.title);
}

function both(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || other === undefined ? undefined : JSON.stringify([one, other]);
}
