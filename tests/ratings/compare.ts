import assert from "node:assert/strict";
import { type Connection, headerOf } from "../../bench/load/connection.ts";
import type { Expected, Place } from "./fold.ts";

/** The requests of a reader; `token` names the last written event. */
export type Asking = { readonly connection: Connection; readonly authorization: string; readonly token: string };

/** A query that includes the token's event. */
async function ask<Body>({ connection, authorization, token }: Asking, path: string): Promise<Body> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const headers = { authorization, ...(token === "" ? {} : { "consistency-token": token }) };
    const answer = await connection.ask("GET", path, headers);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`);
    // The query itself waits for two seconds before it answers that it is not current.
    if (headerOf(answer, "consistency") !== "stale") return JSON.parse(answer.body) as Body;
  }
  throw new Error(`${path}: the read models do not come to the end of the log`);
}

type Change = { readonly kind: string; readonly key: string; readonly value: Place };

/** Throws unless GET /v1/changes returns exactly these places. Returns how many. */
export async function compareChanges(asking: Asking, { places }: Expected): Promise<number> {
  const copy = new Map<string, unknown>();
  let since = "";
  for (let pages = 0; pages < 100; pages++) {
    type Page = { items: Change[]; token: string; more: boolean };
    const { items, token, more } = await ask<Page>(asking, `/v1/changes${since === "" ? "" : `?since=${since}`}`);
    for (const { kind, key, value } of items) copy.set(`${kind} ${key}`, value);
    since = token;
    if (!more) break;
  }
  assert.deepEqual(copy, new Map([...places].map(([bookId, place]) => [`place ${bookId}`, place])));
  return copy.size;
}

type Shown = { readonly no: number; readonly chapterId: string; readonly offset: number; readonly deviceId: string };

/** Throws unless the first books that the reader read in are shown at these places. Returns how many were compared. */
export async function comparePlaces(asking: Asking, { places, onDevices }: Expected, most: number): Promise<number> {
  const books = [...places].slice(0, most);
  for (const [bookId, latest] of books) {
    type Latest = Shown & { readonly readAt: string; readonly title: unknown; readonly percentage: unknown };
    type Progress = Readonly<Record<"latest" | "furthest" | "resume", Latest | null>>;
    const shown = await ask<Progress>(asking, `/v1/reading/${bookId}/progress`);
    const { title: _title, percentage: _percentage, no: chapterNo, ...place } = shown.latest ?? ({} as Latest);
    assert.deepEqual({ chapterNo, ...place }, latest);
    const devices = [...(onDevices.get(bookId)?.values() ?? [])];
    const [furthest] = devices.toSorted(
      (one, other) => other.chapterNo - one.chapterNo || other.offset - one.offset,
    ) as [Place];
    assert.deepEqual([shown.furthest?.no, shown.furthest?.offset], [furthest.chapterNo, furthest.offset]);
    // Without a preference the reader must choose if the two are on different devices at different places.
    const chooses = shown.furthest?.deviceId !== latest.deviceId && !samePlace(furthest, latest);
    assert.deepEqual(shown.resume, chooses ? null : shown.latest);
    const { items } = await ask<{ items: Shown[] }>(asking, `/v1/reading/${bookId}/positions`);
    const byDevice = (list: readonly (readonly [string, string, number])[]) => list.toSorted();
    assert.deepEqual(
      byDevice(items.map(({ deviceId, chapterId, offset }) => [deviceId, chapterId, offset])),
      byDevice(devices.map(({ deviceId, chapterId, offset }) => [deviceId, chapterId, offset])),
    );
  }
  return books.length;
}

function samePlace(one: Place, other: Place): boolean {
  return one.chapterNo === other.chapterNo && one.offset === other.offset;
}

/** Throws unless each year's reading time, week and number of finished chapters are these. Returns the seconds of all years. */
export async function compareReadingTime(asking: Asking, expected: Expected): Promise<number> {
  const { days, weeks, chaptersFinished, longestStreak } = expected;
  let total = 0;
  for (const year of new Set([...days.keys()].map((date) => date.slice(0, 4)))) {
    const path = `/v1/reading/stats?from=${year}-01-01&to=${year}-12-31&tz=Asia/Shanghai`;
    type Day = { date: string; seconds: number };
    type Counts = { seconds: number; chaptersFinished: number; booksFinished: number };
    type Stats = Counts & { days: Day[]; week: number[][]; streak: { longest: number } };
    const stats = await ask<Stats>(asking, path);
    const read = stats.days.filter(({ seconds }) => seconds > 0).map(({ date, seconds }) => [date, seconds] as const);
    const own = [...days].filter(([date]) => date.startsWith(year));
    assert.deepEqual(new Map(read), new Map(own));
    assert.equal(
      stats.seconds,
      own.reduce((sum, [, seconds]) => sum + seconds, 0),
    );
    assert.deepEqual(stats.week, weeks.get(year));
    assert.equal(stats.chaptersFinished, chaptersFinished.get(year) ?? 0);
    assert.equal(stats.booksFinished, 0);
    assert.equal(stats.streak.longest, longestStreak);
    total += stats.seconds;
  }
  return total;
}
