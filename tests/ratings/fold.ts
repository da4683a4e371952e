import type { Entry } from "./entries.ts";

export type Place = Pick<Entry, "chapterId" | "chapterNo" | "offset" | "readAt" | "deviceId">;

/** What the read models must show of a reader, made of the entries without any code of the project. */
export type Expected = {
  /** The latest place in each book. */
  readonly places: ReadonlyMap<string, Place>;
  /** The latest place in each book on each device. */
  readonly onDevices: ReadonlyMap<string, ReadonlyMap<string, Place>>;
  /** Seconds by date in China, which has had no summer time since 1991. */
  readonly days: ReadonlyMap<string, number>;
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
  const days = secondsByDay(entries);
  return { places, onDevices, days, longestStreak: longestRun([...days.keys()]) };
}

/** Each second counts once, in its day. */
function secondsByDay(entries: readonly Entry[]): Map<string, number> {
  const read = new Set<number>();
  for (const { readAt, activeSeconds } of entries) {
    const end = Date.parse(readAt) / 1000;
    for (let second = end - activeSeconds; second < end; second++) read.add(second);
  }
  const days = new Map<string, number>();
  for (const second of read) {
    const date = new Date(second * 1000 + chinaMs).toISOString().slice(0, 10);
    days.set(date, (days.get(date) ?? 0) + 1);
  }
  return days;
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
