import type { Entry } from "./entries.ts";

export type Place = Pick<Entry, "chapterId" | "chapterNo" | "offset" | "readAt" | "deviceId">;

/** What the read models must show of a reader, computed from the entries without any code of the project. */
export type Expected = {
  /** The latest place in each book. */
  readonly places: ReadonlyMap<string, Place>;
  /** The latest place in each book on each device. */
  readonly onDevices: ReadonlyMap<string, ReadonlyMap<string, Place>>;
  /** Seconds by date in China, which has had no summer time since 1991. */
  readonly days: ReadonlyMap<string, number>;
  /** Seconds by year in China, weekday (Monday first) and hour. */
  readonly weeks: ReadonlyMap<string, readonly (readonly number[])[]>;
  /** Chapters by the year in China in which they were finished. */
  readonly chaptersFinished: ReadonlyMap<string, number>;
  readonly longestStreak: number;
};

const chinaMs = 8 * 3_600_000;
const dayMs = 86_400_000;

export function expectedOf(entries: readonly Entry[]): Expected {
  const places = new Map<string, Place>();
  const onDevices = new Map<string, Map<string, Place>>();
  const inOrder = entries.toSorted((one, other) =>
    one.readAt === other.readAt ? (one.entryId < other.entryId ? -1 : 1) : one.readAt < other.readAt ? -1 : 1,
  );
  for (const { bookId, chapterId, chapterNo, offset, readAt, deviceId } of inOrder) {
    const place = { chapterId, chapterNo, offset, readAt, deviceId };
    places.set(bookId, place);
    onDevices.set(bookId, (onDevices.get(bookId) ?? new Map<string, Place>()).set(deviceId, place));
  }
  const { days, weeks } = readingTime(entries);
  const longestStreak = longestRun([...days.keys()]);
  return { places, onDevices, days, weeks, chaptersFinished: chaptersByYear(entries), longestStreak };
}

/** Each second counts once, in its day and hour. */
function readingTime(entries: readonly Entry[]) {
  const read = new Set<number>();
  for (const { readAt, activeSeconds } of entries) {
    const end = Date.parse(readAt) / 1000;
    for (let second = end - activeSeconds; second < end; second++) read.add(second);
  }
  const days = new Map<string, number>();
  const weeks = new Map<string, number[][]>();
  for (const second of read) {
    const inChina = new Date(second * 1000 + chinaMs);
    const date = inChina.toISOString().slice(0, 10);
    days.set(date, (days.get(date) ?? 0) + 1);
    const week = weeks.get(date.slice(0, 4)) ?? Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
    weeks.set(date.slice(0, 4), week);
    const hours = week[(inChina.getUTCDay() + 6) % 7] as number[];
    hours[inChina.getUTCHours()] = (hours[inChina.getUTCHours()] ?? 0) + 1;
  }
  return { days, weeks };
}

/**
 * A chapter is finished if a later one of its book was read: no offset of an entry is in a chapter's last twentieth. It counts when
 * its furthest place was first reached.
 */
function chaptersByYear(entries: readonly Entry[]): Map<string, number> {
  const furthest = new Map<string, Entry>();
  const lastOf = new Map<string, number>();
  for (const entry of entries) {
    const chapter = `${entry.bookId} ${entry.chapterNo}`;
    const known = furthest.get(chapter);
    if (
      known === undefined ||
      entry.offset > known.offset ||
      (entry.offset === known.offset && entry.readAt < known.readAt)
    ) {
      furthest.set(chapter, entry);
    }
    lastOf.set(entry.bookId, Math.max(entry.chapterNo, lastOf.get(entry.bookId) ?? 0));
  }
  const finished = new Map<string, number>();
  for (const { bookId, chapterNo, readAt } of furthest.values()) {
    if (chapterNo === lastOf.get(bookId)) continue;
    const year = new Date(Date.parse(readAt) + chinaMs).toISOString().slice(0, 4);
    finished.set(year, (finished.get(year) ?? 0) + 1);
  }
  return finished;
}

function longestRun(dates: readonly string[]): number {
  const numbers = dates.map((date) => Date.parse(date) / dayMs).sort((one, other) => one - other);
  let [longest, run] = [0, 0];
  numbers.forEach((day, index) => {
    run = numbers[index - 1] === day - 1 ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
}
