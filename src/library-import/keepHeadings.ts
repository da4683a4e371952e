import type { PublishedChapter } from "../domain/library/events.ts";
import { matchChapters } from "../domain/library/matchChapters.ts";
import { numberedTitle } from "./headingNames.ts";
import type { ParsedChapter } from "./parsedBook.ts";

/** A parsed chapter with the hash of its text. */
type Hashed = Omit<ParsedChapter, "text"> & Pick<PublishedChapter, "sha256" | "length" | "words">;

/**
 * The chapters of a whole edition, in order, with titles and volumes of the published one where their file does not state them: those of
 * the chapter that matches by text or title, or else of the one that stands between the same neighbours. A published title that only was
 * its number is not kept. A new chapter between two of one volume is of that volume. A text that is not stated is that of the match, if
 * there is one.
 */
export function keepHeadings<Chapter extends Hashed>(
  published: readonly PublishedChapter[],
  chapters: readonly Chapter[],
): readonly Chapter[] {
  const stated = chapters.map(({ no, sha256, title, volume, unstated }) => ({
    no,
    sha256: unstated?.includes("text") ? undefined : sha256,
    title: unstated?.includes("title") ? undefined : title,
    volume: unstated?.includes("volume") ? undefined : volume,
  }));
  const matches = withNeighbours(matchChapters(published, stated), published, chapters);
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

/**
 * The matches, and where as many chapters without one stand between two matches as published chapters stood between these, or before the
 * first or behind the last, those by their order.
 */
function withNeighbours(
  matches: ReadonlyMap<number, PublishedChapter>,
  published: readonly PublishedChapter[],
  chapters: readonly Hashed[],
): ReadonlyMap<number, PublishedChapter> {
  if (matches.size === 0) return matches;
  const all = new Map(matches);
  const taken = new Set([...matches.values()].map(({ chapterId }) => chapterId));
  let [before, beforeNo] = [0, 0];
  for (let next = 1; next <= chapters.length + 1; next++) {
    const nextNo = next > chapters.length ? published.length + 1 : matches.get(next)?.no;
    if (nextNo === undefined) continue;
    if (nextNo - beforeNo === next - before)
      for (let step = 1; step < next - before; step++) {
        const match = published[beforeNo + step - 1]!;
        if (!taken.has(match.chapterId)) all.set(before + step, match);
      }
    [before, beforeNo] = [next, nextNo];
  }
  return all;
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
