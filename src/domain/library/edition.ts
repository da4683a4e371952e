import { isDeepStrictEqual } from "node:util";
import type { LibraryEvent, NumberRange, PublishedChapter } from "./events.ts";
import { maxChaptersPerEvent, maxRemovedChapters } from "./limits.ts";
import { matchChapters } from "./matchChapters.ts";

/** The published edition: its chapters in order, and a digest of its contents. */
export type Edition = {
  readonly edition: number;
  readonly digest: string;
  readonly chapters: readonly PublishedChapter[];
};

/**
 * `draft` is an edition in progress; `chapters` are those published for it so far. `removed` are the chapters that editions left out, the
 * last ones at the end, also some that came back since.
 */
export type Editions = {
  readonly published?: Edition;
  readonly draft?: Edition;
  readonly removed?: readonly PublishedChapter[];
};

/** A chapter as imported. `newChapterId` is used if no earlier edition has the chapter. */
export type OfferedChapter = Omit<PublishedChapter, "chapterId"> & { readonly newChapterId: string };

/** The events that change editions; `evolveEditions` folds them. */
type EditionEvent = Extract<LibraryEvent, { type: "ChaptersPublished" | "BookPublished" }>;

export function evolveEditions({ published, draft, removed }: Editions, event: EditionEvent): Editions {
  const { edition, digest, totals } = event.data;
  const drafted = draft?.edition === edition ? draft.chapters : [];
  if (event.type === "ChaptersPublished") {
    const chapters = [...drafted, ...event.data.chapters];
    return { ...(published && { published }), draft: { edition, digest, chapters }, ...(removed && { removed }) };
  }
  const before = published?.chapters ?? [];
  const whole = overlay(before, drafted).slice(0, totals.chapters);
  const gone = [...drafted.flatMap(({ no }) => before[no - 1] ?? []), ...before.slice(totals.chapters)];
  const kept = withRemoved(removed, gone, drafted);
  return { published: { edition, digest, chapters: whole }, ...(kept && { removed: kept }) };
}

/**
 * The events of the next step towards the edition `offered` (chapters numbered from 1, in order): at most `maxChaptersPerEvent`
 * changed chapters. The last step also publishes the edition in the same append, so that it becomes visible at once. Empty if
 * `offered` is already published.
 */
export function nextStep(editions: Editions, digest: string, offered: readonly OfferedChapter[]): EditionEvent[] {
  const { published, removed } = editions;
  if (published?.digest === digest) return [];
  const before = published?.chapters ?? [];
  const target = keepChapterIds(before, offered, removed);
  const draft = draftToContinue(editions, digest, target);
  const written = new Set(draft.chapters.map(({ no }) => no));
  const changed = target.filter((chapter, index) => !isDeepStrictEqual(chapter, before[index]));
  const missing = changed.filter(({ no }) => !written.has(no));
  const { edition } = draft;

  const events: EditionEvent[] = [];
  const next = missing.slice(0, maxChaptersPerEvent);
  if (next.length > 0) {
    const totals = totalsOf([...draft.chapters, ...next]);
    events.push({ type: "ChaptersPublished", data: { edition, digest, chapters: next, totals } });
  }
  if (next.length === missing.length) {
    const data = {
      edition,
      digest,
      totals: totalsOf(target),
      replaces: published?.edition ?? 0,
      chaptersBefore: before.length,
      changed: rangesOf(changed.map(({ no }) => no)),
    };
    events.push({ type: "BookPublished", data });
  }
  return events;
}

/** The draft to continue: the existing one if it has the same digest, otherwise a new, empty one. */
function draftToContinue({ published, draft }: Editions, digest: string, target: readonly PublishedChapter[]): Edition {
  const fits = draft?.digest === digest && draft.chapters.every((one) => isDeepStrictEqual(one, target[one.no - 1]));
  if (fits) return draft;
  return { edition: Math.max(published?.edition ?? 0, draft?.edition ?? 0) + 1, digest, chapters: [] };
}

function overlay(before: readonly PublishedChapter[], changed: readonly PublishedChapter[]): PublishedChapter[] {
  const chapters = [...before];
  for (const chapter of changed) chapters[chapter.no - 1] = chapter;
  return chapters;
}

/**
 * The removed chapters after `gone` left their places, of which `moved` have others now. An edition that leaves out nothing, as most do,
 * takes no time for those removed before.
 */
function withRemoved(
  removed: Editions["removed"],
  gone: readonly PublishedChapter[],
  moved: readonly PublishedChapter[],
): Editions["removed"] {
  const standing = new Set(moved.map(({ chapterId }) => chapterId));
  const added = gone.filter(({ chapterId }) => !standing.has(chapterId));
  if (added.length === 0) return removed;
  const ids = new Set(added.map(({ chapterId }) => chapterId));
  const others = removed?.filter(({ chapterId }) => !ids.has(chapterId) && !standing.has(chapterId)) ?? [];
  return [...others, ...added].slice(-maxRemovedChapters);
}

function totalsOf(chapters: readonly PublishedChapter[]): { chapters: number; words: number } {
  return { chapters: chapters.length, words: chapters.reduce((sum, { words }) => sum + words, 0) };
}

/** Ascending numbers as ranges: 1, 2, 3, 7 become 1–3 and 7–7. */
function rangesOf(numbers: readonly number[]): NumberRange[] {
  const ranges: NumberRange[] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.to === number - 1) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges;
}

/**
 * Gives each offered chapter the id of the published or removed chapter that matches it best, or else its new id. Each id is used once;
 * among equal chapters the order decides. An older edition that is offered again has new ids that published chapters of other
 * contents may have kept: then the next free id.
 */
function keepChapterIds(
  published: readonly PublishedChapter[],
  offered: readonly OfferedChapter[],
  removed: Editions["removed"] = [],
): PublishedChapter[] {
  const matches = matchChapters(published, offered, removed);
  const taken = new Set([...matches.values()].map(({ chapterId }) => chapterId));
  return offered.map(({ newChapterId, ...chapter }) => {
    const chapterId = matches.get(chapter.no)?.chapterId ?? freeId(newChapterId, taken);
    taken.add(chapterId);
    return { chapterId, ...chapter };
  });
}

const idLength = 12;
const ids = 36n ** BigInt(idLength);

/** The first id from `id` on that is not taken: ids are numbers of twelve digits to the base 36. */
function freeId(id: string, taken: ReadonlySet<string>): string {
  if (!taken.has(id)) return id;
  const number = [...id].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
  return freeId(((number + 1n) % ids).toString(36).padStart(idLength, "0"), taken);
}
