import { library } from "../../../src/projections/library/library.ts";
import { readingTime } from "../../../src/projections/reading/readingTime.ts";
import { rounds } from "../../../src/projections/reading/rounds.ts";
import { viewsOf } from "../../../src/projections/views.ts";

const { reading_slots, chapters_read } = viewsOf(readingTime);
const { chapters } = viewsOf(library);
const { reading_rounds } = viewsOf(rounds);

/**
 * The reading time of the last 30 days in China, of a reader (`$1`) who read one chapter of each book. One select, which reads the slots
 * once.
 */
export const statsFloor = `
  WITH today AS (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date AS date),
    read AS MATERIALIZED (
      SELECT (to_timestamp(slot * 900.0) AT TIME ZONE 'Asia/Shanghai') AS at, seconds FROM ${reading_slots} WHERE reader_id = $1),
    recent AS (SELECT at, seconds FROM read, today WHERE at::date BETWEEN today.date - 29 AND today.date),
    days AS (
      SELECT day::date AS date, coalesce(sum(seconds), 0) AS seconds
      FROM today, generate_series(today.date - 29, today.date, '1 day') AS day LEFT JOIN recent ON at::date = day::date
      GROUP BY day),
    runs AS (
      SELECT count(*) AS length, max(date) AS last
      FROM (SELECT date, date - row_number() OVER (ORDER BY date)::int4 AS run FROM (SELECT DISTINCT at::date AS date FROM read) AS dates)
        AS numbered
      GROUP BY run),
    week AS (
      SELECT weekday, '[' || string_agg(coalesce(seconds, 0)::text, ',' ORDER BY hour) || ']' AS hours
      FROM generate_series(1, 7) AS weekday CROSS JOIN generate_series(0, 23) AS hour
      LEFT JOIN (SELECT extract(isodow FROM at) AS weekday, extract(hour FROM at) AS hour, sum(seconds) AS seconds
                 FROM recent GROUP BY 1, 2) AS read USING (weekday, hour)
      GROUP BY weekday)
  SELECT '{"from":"' || today.date - 29 || '","to":"' || today.date || '","tz":"Asia/Shanghai","seconds":'
    || (SELECT sum(seconds) FROM days)
    || ',"days":[' || (SELECT string_agg('{"date":"' || date || '","seconds":' || seconds || '}', ',' ORDER BY date) FROM days)
    || '],"streak":{"longest":' || coalesce((SELECT max(length) FROM runs), 0)
    || ',"now":' || coalesce((SELECT max(length) FROM runs WHERE last >= today.date - 1), 0)
    || '},"week":[' || (SELECT string_agg(hours, ',' ORDER BY weekday) FROM week)
    || '],"chaptersFinished":' || (
      SELECT count(*) FROM ${chapters_read} AS read JOIN ${chapters} AS chapter USING (book_id, chapter_id)
      WHERE read.reader_id = $1 AND read.offset_reached >= chapter.length * 0.95
        AND (reached_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN today.date - 29 AND today.date)
    || ',"booksFinished":' || (
      SELECT count(*) FROM ${reading_rounds}
      WHERE reader_id = $1 AND (finished_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN today.date - 29 AND today.date)
    || '}' AS json
  FROM today`;
