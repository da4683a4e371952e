import type { Duck } from "../duck/database.ts";
import { pairsOf } from "../views/booksTogether.ts";
import { funnelOf } from "../views/chapterFunnel.ts";
import { mixOf } from "../views/deviceMix.ts";
import { readingsOf } from "../views/readings.ts";
import { repeatsOf } from "../views/repeats.ts";
import { conversionOf, searchesOf } from "../views/searchConversion.ts";
import { sessionsOf } from "../views/sessions.ts";

/**
 * The tables from which the published views are computed, instead of all events; every row is of one reader. So only readers with
 * new events are computed again, and a reader who is erased is deleted. `changed_events` has all events of those readers but
 * repeated readings, and `changed_readings` all readings.
 */
const states: Readonly<Record<string, string>> = {
  reader_days: `SELECT reader, day, week, month, count(*) AS readings, sum(seconds)::BIGINT AS seconds
    FROM changed_readings GROUP BY reader, day, week, month`,
  reader_hours: `SELECT reader, weekday, hour, count(*) AS readings, sum(seconds)::BIGINT AS seconds
    FROM changed_readings GROUP BY reader, weekday, hour`,
  reader_books: `SELECT reader, book_id, max(position) FILTER (book_title IS NOT NULL) AS described_at,
      arg_max(book_title, position) AS book_title, arg_max(book_channel, position) AS book_channel,
      arg_max(book_category, position) AS book_category, count(*) AS readings, sum(active_seconds)::BIGINT AS seconds,
      max(chapter_no) AS chapter, coalesce(bool_or(book_chapters > 0 AND chapter_no >= book_chapters), false) AS at_the_end
    FROM changed_events WHERE type = 'ReadingProgressed' GROUP BY reader, book_id`,
  reader_finished: "SELECT DISTINCT reader, book_id FROM changed_events WHERE type = 'BookFinished'",
  reader_channels: `SELECT reader, book_channel, book_category, book_id, sum(seconds)::BIGINT AS seconds
    FROM changed_readings GROUP BY reader, book_channel, book_category, book_id`,
  reader_devices: `SELECT reader, device_id, sum(seconds)::BIGINT AS seconds FROM changed_readings GROUP BY reader, device_id`,
  reader_sessions: sessionsOf("changed_readings"),
  reader_searches: searchesOf("changed_events"),
};

const activeReaders = (period: string) =>
  `SELECT ${period}, count(DISTINCT reader) AS readers, sum(readings)::BIGINT AS readings, sum(seconds)::BIGINT AS seconds
    FROM reader_days GROUP BY ${period}`;

const bookAttribute = (name: string) => `arg_max(${name}, described_at) AS ${name}`;

/** The published views, each as the ready view of its name, of the states. */
export const viewsOfStates: Readonly<Record<string, string>> = {
  sessions: "SELECT * FROM reader_sessions",
  daily_readers: activeReaders("day"),
  weekly_readers: activeReaders("week"),
  monthly_readers: activeReaders("month"),
  chapter_funnel: funnelOf(
    "SELECT book_id, reader, chapter FROM reader_books",
    `SELECT book_id, ${bookAttribute("book_title")} FROM reader_books GROUP BY book_id`,
  ),
  retention: `WITH active AS (SELECT DISTINCT reader, week FROM reader_days), first_weeks AS (
      SELECT reader, min(week) AS cohort FROM active GROUP BY reader
    ), sizes AS (
      SELECT cohort, count(*) AS cohort_readers FROM first_weeks GROUP BY cohort
    )
    SELECT cohort, (week - cohort) // 7 AS weeks, count(reader) AS readers, cohort_readers,
      count(reader) / cohort_readers AS share
    FROM active JOIN first_weeks USING (reader) JOIN sizes USING (cohort)
    GROUP BY cohort, weeks, cohort_readers`,
  completion: `WITH read AS (
      SELECT book_id, ${bookAttribute("book_title")}, count(reader) AS readers, count(reader) FILTER (at_the_end) AS at_the_end
      FROM reader_books GROUP BY book_id
    ), done AS (
      SELECT book_id, count(finishers.reader) AS finished, count(readers.reader) AS finished_readers
      FROM reader_finished finishers LEFT JOIN reader_books readers USING (reader, book_id) GROUP BY book_id
    )
    SELECT book_id, book_title, readers, coalesce(finished, 0) AS finished, at_the_end,
      coalesce(finished_readers, 0) / nullif(readers, 0) AS share
    FROM read LEFT JOIN done USING (book_id)`,
  time_per_book: `SELECT book_id, ${["book_title", "book_channel", "book_category"].map(bookAttribute).join(", ")},
      count(reader) AS readers, sum(readings)::BIGINT AS readings, sum(seconds)::BIGINT AS seconds
    FROM reader_books GROUP BY book_id`,
  time_per_channel: `SELECT book_channel, book_category, count(DISTINCT reader) AS readers, count(DISTINCT book_id) AS books,
      sum(seconds)::BIGINT AS seconds, sum(seconds) / nullif(sum(sum(seconds)) OVER (), 0) AS share
    FROM reader_channels GROUP BY book_channel, book_category`,
  search_conversion: conversionOf("reader_searches"),
  heat_map: `SELECT weekday, hour, count(reader) AS readers, sum(readings)::BIGINT AS readings, sum(seconds)::BIGINT AS seconds
    FROM reader_hours GROUP BY weekday, hour`,
  device_mix: mixOf("SELECT * FROM reader_devices"),
  books_together: pairsOf(
    `SELECT book_id, arg_max(book_title, described_at) AS title, count(reader) AS readers FROM reader_books GROUP BY book_id`,
    "SELECT reader, book_id FROM reader_books",
  ),
};

/** The columns of events that the states need. */
const needed = `position, type, reader, happened_at, happened_day, late, book_id, book_title, book_channel, book_category, book_chapters,
  chapter_no, device_id, active_seconds, entry_id`;

const neededTypes =
  "type IN ('ReadingProgressed', 'BookFinished', 'KeywordSearched', 'BookOpened', 'BookAddedToShelf')";

/** Recomputes the states of readers with events after `after`, from the table `events`; undefined: of all readers. */
export async function computeStates(duck: Duck, after: bigint | undefined): Promise<void> {
  const isAll = after === undefined;
  if (!isAll)
    await duck.run(
      `CREATE OR REPLACE TEMP TABLE changed AS SELECT DISTINCT reader FROM events WHERE position > ${after}`,
    );
  const among = isAll ? "" : "SEMI JOIN changed ON changed.reader IS NOT DISTINCT FROM events.reader";
  const kind = isAll ? "VIEW" : "TABLE";
  await duck.run(
    `CREATE OR REPLACE TEMP ${kind} changed_with_repeats AS SELECT ${needed} FROM events ${among} WHERE ${neededTypes}`,
  );
  await duck.run(`CREATE OR REPLACE TEMP TABLE changed_repeats AS ${repeatsOf("changed_with_repeats")}`);
  await duck.run(
    "CREATE OR REPLACE TEMP VIEW changed_events AS SELECT * FROM changed_with_repeats ANTI JOIN changed_repeats USING (position)",
  );
  await duck.run(`CREATE OR REPLACE TEMP VIEW changed_readings AS ${readingsOf("changed_events")}`);
  for (const [name, sql] of Object.entries(states)) {
    if (isAll) {
      await duck.run(`CREATE OR REPLACE TABLE ${name} AS ${sql}`);
      continue;
    }
    await duck.run(`DELETE FROM ${name} USING changed WHERE ${name}.reader IS NOT DISTINCT FROM changed.reader`);
    await duck.run(`INSERT INTO ${name} BY NAME ${sql}`);
  }
  await duck.run("DROP VIEW changed_readings");
  await duck.run("DROP VIEW changed_events");
  await duck.run("DROP TABLE changed_repeats");
  await duck.run(`DROP ${kind} changed_with_repeats`);
}

/** Deletes readers, whose list is SQL, from the states. */
export async function forgetInStates(duck: Duck, readers: string): Promise<void> {
  for (const name of Object.keys(states)) await duck.run(`DELETE FROM ${name} WHERE reader IN (${readers})`);
}
