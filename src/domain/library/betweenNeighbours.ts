import type { PublishedChapter } from "./events.ts";

/**
 * The chapters without a match, of both editions in order, that stand between the same neighbours: between two chapters of the offered
 * edition that follow each other's matches, before the first or behind the last, where both editions have as many. By the number of the
 * offered one; none if nothing matches. `offered` are the numbers from 1 on.
 */
export function betweenNeighbours(
  published: readonly PublishedChapter[],
  offered: readonly { readonly no: number }[],
  matches: ReadonlyMap<number, PublishedChapter>,
): Map<number, PublishedChapter> {
  const pairs = new Map<number, PublishedChapter>();
  const taken = new Set([...matches.values()].map(({ chapterId }) => chapterId));
  const free = published.filter(({ chapterId }) => !taken.has(chapterId));
  /** The number of free chapters before each number. */
  const freeBefore = [0, 0];
  for (const { chapterId } of published) freeBefore.push(freeBefore.at(-1)! + (taken.has(chapterId) ? 0 : 1));

  // Where chapters changed places, two pairs of neighbours may have the same chapters between them.
  const paired = new Set<PublishedChapter>();
  let waiting: number[] = [];
  let last = 0;
  const reach = (next: number) => {
    const from = freeBefore[last + 1]!;
    const isAsMany = last < next && freeBefore[next]! - from === waiting.length;
    const among = isAsMany ? free.slice(from, from + waiting.length) : [];
    if (!among.some((chapter) => paired.has(chapter)))
      for (const [index, chapter] of among.entries()) {
        pairs.set(waiting[index]!, chapter);
        paired.add(chapter);
      }
    waiting = [];
    last = next;
  };
  for (const { no } of offered) {
    const match = matches.get(no);
    if (match === undefined) waiting.push(no);
    // A match that an earlier edition had has no place in the published one.
    else if (published[match.no - 1]?.chapterId === match.chapterId) reach(match.no);
  }
  if (last > 0) reach(published.length + 1);
  return pairs;
}
