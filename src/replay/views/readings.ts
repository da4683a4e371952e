import { withoutRepeats } from "./repeats.ts";
import type { View } from "./view.ts";

/** The last moment of a reading, in China: one that ends at midnight is of the day before, as in GET /v1/reading/stats. */
const lastMoment = "(happened_at + INTERVAL 8 HOUR - to_microseconds(least(active_seconds, 1)))";

/** SQL over `events`: the day of China that views count an event on. */
export const countedDay = `CASE WHEN type = 'ReadingProgressed' THEN ${lastMoment}::DATE ELSE happened_day END`;

/** The readings among the events of a table, in which none is twice. */
export const readingsOf = (events: string): string =>
  `SELECT position, reader, book_id, book_title, book_channel, book_category, chapter_no, device_id,
      happened_at - to_seconds(active_seconds) AS began_at,
      happened_at AS ended_at,
      active_seconds AS seconds,
      ${lastMoment}::DATE AS day,
      date_trunc('week', ${lastMoment})::DATE AS week,
      date_trunc('month', ${lastMoment})::DATE AS month,
      hour(${lastMoment}) AS hour,
      isodow(${lastMoment}) AS weekday,
      late
    FROM ${events}
    WHERE type = 'ReadingProgressed'`;

/** The common base of most views. */
export const readings: View = {
  name: "readings",
  description: "A stretch of reading: one `ReadingProgressed`, but for `repeats`.",
  columns: {
    began_at: "`happened_at` less the seconds of reading. UTC.",
    ended_at: "`happened_at`. UTC.",
    seconds: "Seconds of reading. Two devices at once count twice.",
    day: "Of its last moment in China: what ends at midnight is of the day before. A reading over midnight is wholly of the later day.",
    week: "The Monday of `day`.",
    hour: "Of its last moment in China, 0 to 23.",
    weekday: "Of `day`: 1 is Monday, 7 Sunday.",
  },
  day: "day",
  book: "book_id",
  sql: readingsOf(withoutRepeats),
};
