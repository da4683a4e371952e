import type { ParsedChapter } from "./parsedBook.ts";

/** Limits of a piece: UTF-16 units, unless one chapter is longer, and chapters. */
export type PieceLimits = { readonly units: number; readonly chapters?: number };

/** The chapters of a book in order, in pieces that other work need not wait long for. */
export function* pieces<Chapter extends Pick<ParsedChapter, "text">>(
  chapters: readonly Chapter[],
  { units: maxUnits, chapters: maxChapters = Number.POSITIVE_INFINITY }: PieceLimits,
): Generator<readonly Chapter[]> {
  let piece: Chapter[] = [];
  let units = 0;
  for (const chapter of chapters) {
    if (piece.length === maxChapters || (piece.length > 0 && units + chapter.text.length > maxUnits)) {
      yield piece;
      piece = [];
      units = 0;
    }
    piece.push(chapter);
    units += chapter.text.length;
  }
  if (piece.length > 0) yield piece;
}
