import { withoutRepeats } from "./repeats.ts";
import type { View } from "./view.ts";

/** The readings among the events of a table, in which none is twice. */
export const readingsOf = (events: string): string =>
  `SELECT position, reader, book_id, book_title, book_channel, book_category, chapter_no, device_id,
      happened_at - to_seconds(active_seconds) AS began_at,
      happened_at AS ended_at,
      active_seconds AS seconds,
      happened_day AS day,
      date_trunc('week', happened_day)::DATE AS week,
      date_trunc('month', happened_day)::DATE AS month,
      hour(happened_at + INTERVAL 8 HOUR) AS hour,
      isodow(happened_at + INTERVAL 8 HOUR) AS weekday,
      late
    FROM ${events}
    WHERE type = 'ReadingProgressed'`;

/** What most views begin with. */
export const readings: View = {
  name: "readings",
  description: "A stretch of reading: one `ReadingProgressed`, but for `repeats`.",
  columns: {
    began_at: "`happened_at` less the seconds of reading. UTC.",
    ended_at: "`happened_at`. UTC.",
    seconds: "Seconds of reading. Two devices at once count twice.",
    week: "The Monday of `day`.",
    hour: "Of `ended_at` in China, 0 to 23.",
    weekday: "Of `ended_at` in China: 1 is Monday, 7 Sunday.",
  },
  day: "day",
  book: "book_id",
  sql: readingsOf(withoutRepeats),
};
