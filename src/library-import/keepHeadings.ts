import { betweenNeighbours } from "../domain/library/betweenNeighbours.ts";
import type { PublishedChapter } from "../domain/library/events.ts";
import { matchChapters } from "../domain/library/matchChapters.ts";
import { numberedTitle } from "./headingNames.ts";
import type { ParsedChapter } from "./parsedBook.ts";

/** A parsed chapter with the hash of its text. */
type Hashed = Omit<ParsedChapter, "text"> & Pick<PublishedChapter, "sha256" | "length" | "words">;

/**
 * The chapters of a whole edition, in order, with titles and volumes of the published one where their file does not state them: those of
 * the chapter that matches by text or title (also one of `removed`, which earlier editions had, by text), or else of the one that stands
 * between the same neighbours. A published title that only was
 * its number is not kept. A new chapter between two of one volume is of that volume. A text that is not stated is that of the match, if
 * there is one.
 */
export function keepHeadings<Chapter extends Hashed>(
  published: readonly PublishedChapter[],
  chapters: readonly Chapter[],
  removed: readonly PublishedChapter[] = [],
): readonly Chapter[] {
  const stated = chapters.map(({ no, sha256, length, title, volume, unstated }) => ({
    no,
    length,
    sha256: unstated?.includes("text") ? undefined : sha256,
    title: unstated?.includes("title") ? undefined : title,
    volume: unstated?.includes("volume") ? undefined : volume,
  }));
  const alike = matchChapters(published, stated, removed);
  const matches = new Map([...alike, ...betweenNeighbours(published, chapters, alike)]);
  const volumes = withoutGaps(
    stated.map(({ no, volume }) => (volume === undefined ? matches.get(no)?.volume : volume)),
  );
  return chapters.map((chapter, index) => {
    const match = matches.get(chapter.no);
    const keepsTitle =
      match !== undefined && stated[index]!.title === undefined && match.title !== numberedTitle(match.no);
    const { title, kind } = keepsTitle ? match : chapter;
    const volume = volumes[index];
    const { sha256, length, words } = (stated[index]!.sha256 === undefined && match) || chapter;
    return { ...chapter, title, kind, volume: volume === undefined ? chapter.volume : volume, sha256, length, words };
  });
}

/** The volumes, and for those that are not known the one that stands before and behind them, if it is the same. */
function withoutGaps(volumes: readonly (string | null | undefined)[]): readonly (string | null | undefined)[] {
  const following: (string | null | undefined)[] = [];
  let known: string | null | undefined;
  for (const volume of volumes.toReversed()) {
    known = volume === undefined ? known : volume;
    following.push(known);
  }
  following.reverse();
  known = undefined;
  return volumes.map((volume, index) => {
    if (volume !== undefined) known = volume;
    else if (known === following[index]) return known;
    return volume;
  });
}
