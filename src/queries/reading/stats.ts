import type { Pool } from "../../platform/postgres.ts";
import { library } from "../../projections/library/library.ts";
import { readingTime } from "../../projections/reading/readingTime.ts";
import { rounds } from "../../projections/reading/rounds.ts";
import { viewsOf } from "../../projections/views.ts";
import { unlessUnknownZone, zoneInPostgres } from "./zones.ts";

const views = viewsOf(readingTime);
const libraryViews = viewsOf(library);

/** A request for reading statistics. `from` and `to` are dates (`2026-03-02`) in the time zone, inclusive. */
export type StatsQuestion = {
  readonly readerId: string;
  readonly from: string;
  readonly to: string;
  /** An IANA time zone. */
  readonly tz: string;
  /** Today's date in the time zone. */
  readonly today: string;
};

export type ReadingStats = {
  readonly seconds: number;
  /** Every day of the range, including days without reading. */
  readonly days: { readonly date: string; readonly seconds: number }[];
  /** Consecutive days with reading, over all time: `now` ends today or yesterday. */
  readonly streak: { readonly now: number; readonly longest: number };
  /** Seconds by weekday (Monday first) and hour of the day, within the range. */
  readonly week: number[][];
  /** Chapters of the present editions whose end was first reached within the range. */
  readonly chaptersFinished: number;
  /** The number of times that a book was finished within the range: a book read twice counts twice. */
  readonly booksFinished: number;
};

// A slot of 15 minutes lies within one local hour: since 1973 all UTC offsets are multiples of 15 minutes.
const local = "to_timestamp(slot * 900.0) AT TIME ZONE $2::text";
// Of the type of the column, so that the primary key finds the range.
const slotAt = (date: string) => `floor(extract(epoch FROM (${date})::timestamp AT TIME ZONE $2::text) / 900)::int4`;

// A zone may put its clocks back at midnight or to it, so that a date has two beginnings (Havana, the Azores): slots are looked up with
// a day to spare, and chosen by their local dates. The local time is materialized: computing it takes most of the time.
const times = {
  name: "reading-times",
  text: `WITH slots AS MATERIALIZED (
           SELECT ${local} AS at, seconds FROM ${views.reading_slots}
           WHERE reader_id = $1 AND slot >= ${slotAt("$3::date - 1")} AND slot < ${slotAt("$4::date + 2")})
         SELECT to_char(date, 'YYYY-MM-DD') AS date, weekday, hour, sum(seconds)::int4 AS seconds
         FROM (SELECT at::date AS date, extract(isodow FROM at)::int4 AS weekday, extract(hour FROM at)::int4 AS hour, seconds
               FROM slots) AS read
         WHERE date BETWEEN $3::date AND $4::date
         GROUP BY GROUPING SETS ((date), (weekday, hour))`,
};

// Consecutive days have the same difference between date and row number.
const streaks = {
  name: "reading-streaks",
  text: `SELECT coalesce(max(length), 0)::int4 AS longest,
                coalesce(max(length) FILTER (WHERE last >= $3::date - 1), 0)::int4 AS now
         FROM (SELECT count(*) AS length, max(date) AS last
               FROM (SELECT date, date - row_number() OVER (ORDER BY date)::int4 AS run
                     FROM (SELECT DISTINCT (${local})::date AS date FROM ${views.reading_slots} WHERE reader_id = $1) AS read
                     WHERE date <= $3::date) AS numbered
               GROUP BY run) AS runs`,
};

/** Share of a chapter's length: the last page starts before its end. */
const endsAt = 0.95;

const chapters = {
  name: "chapters-finished",
  text: `SELECT count(*)::int4 AS finished
         FROM (SELECT read.reached_at,
                      read.offset_reached >= chapter.length * ${endsAt}
                        OR chapter.no < max(chapter.no) OVER (PARTITION BY read.book_id) AS is_finished
               FROM ${views.chapters_read} AS read
               JOIN ${libraryViews.books} AS book ON book.book_id = read.book_id
               JOIN ${libraryViews.chapters} AS chapter ON chapter.book_id = read.book_id
                AND chapter.chapter_id = read.chapter_id AND chapter.no <= book.chapters
               WHERE read.reader_id = $1) AS seen
         WHERE is_finished AND (reached_at AT TIME ZONE $2::text)::date BETWEEN $3::date AND $4::date`,
};

const books = {
  name: "books-finished",
  text: `SELECT count(*)::int4 AS finished FROM ${viewsOf(rounds).reading_rounds}
         WHERE reader_id = $1 AND (finished_at AT TIME ZONE $2::text)::date BETWEEN $3::date AND $4::date`,
};

/** The seconds of a date, or of an hour of a weekday (Monday is 1). */
type Time = { readonly seconds: number } & (
  | { readonly date: string; readonly weekday: null; readonly hour: null }
  | { readonly date: null; readonly weekday: number; readonly hour: number }
);

const dayMs = 86_400_000;

/** All dates of a range, both ends included. */
function datesOf(from: string, to: string): readonly string[] {
  const length = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  return Array.from({ length }, (_, day) => new Date(Date.parse(from) + day * dayMs).toISOString().slice(0, 10));
}

/**
 * When and for how long a reader read. A chapter counts as finished once its last 5 percent were reached or a later chapter of
 * the book was read; it counts on the day on which the book's furthest place was first reached. Undefined if Postgres does not
 * know the time zone.
 */
export async function readingStats(pool: Pool, question: StatsQuestion): Promise<ReadingStats | undefined> {
  const { readerId, from, to, today } = question;
  const tz = zoneInPostgres(question.tz);
  const range = [readerId, tz, from, to];
  const answers = await Promise.all([
    pool.query<Time>({ ...times, values: range }),
    pool.query<{ now: number; longest: number }>({ ...streaks, values: [readerId, tz, today] }),
    pool.query<{ finished: number }>({ ...chapters, values: range }),
    pool.query<{ finished: number }>({ ...books, values: range }),
  ]).catch(unlessUnknownZone);
  if (answers === undefined) return undefined;
  const [read, streak, chaptersRead, booksRead] = answers;
  const byDate = new Map<string, number>();
  const week = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  for (const { date, weekday, hour, seconds } of read.rows) {
    if (date !== null) byDate.set(date, seconds);
    const day = weekday === null ? undefined : week[weekday - 1];
    if (day !== undefined && hour !== null) day[hour] = seconds;
  }
  const days = datesOf(from, to).map((date) => ({ date, seconds: byDate.get(date) ?? 0 }));
  return {
    seconds: days.reduce((sum, { seconds }) => sum + seconds, 0),
    days,
    streak: streak.rows[0] ?? { now: 0, longest: 0 },
    week,
    chaptersFinished: chaptersRead.rows[0]?.finished ?? 0,
    booksFinished: booksRead.rows[0]?.finished ?? 0,
  };
}
