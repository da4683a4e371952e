import { type Duck, literal } from "../duck/database.ts";
import { createViews } from "../duck/eventsTable.ts";
import { recordOf } from "../duck/numbers.ts";
import { views } from "../views/index.ts";
import { countedDay } from "../views/readings.ts";
import { retentionOf } from "../views/retention.ts";

/** The data of a report, each list in the order in which it is shown. Days are of China, shares are of 1. */
export type Figures = {
  readonly from: string;
  readonly to: string;
  readonly totals: Readonly<
    Record<"readers" | "readings" | "seconds" | "books" | "sessions" | "sessionSeconds" | "finished" | "late", number>
  >;
  /** Days, or weeks when the period is longer than four months; those without reading are there with zeros. */
  readonly step: "day" | "week";
  readonly course: readonly { readonly date: string; readonly readers: number; readonly seconds: number }[];
  readonly heat: readonly { readonly weekday: number; readonly hour: number; readonly seconds: number }[];
  readonly books: readonly BookFigures[];
  readonly categories: readonly {
    readonly channel: string | null;
    readonly category: string | null;
    readonly seconds: number;
  }[];
  readonly retention: readonly {
    readonly cohort: string;
    readonly weeks: number;
    readonly share: number;
    readonly size: number;
  }[];
  /** Of the book that most readers read. */
  readonly funnel: {
    readonly title: string | null;
    readonly chapters: readonly { readonly chapter: number; readonly readers: number }[];
  };
  readonly searches: Readonly<Record<"searches" | "opened" | "shelved", number>>;
  readonly devices: readonly { readonly devices: number; readonly readers: number }[];
  readonly together: readonly {
    readonly a: string | null;
    readonly b: string | null;
    readonly readers: number;
    readonly lift: number;
  }[];
};

type BookFigures = {
  readonly title: string | null;
  readonly readers: number;
  readonly seconds: number;
  readonly finished: number;
};

/** Readings of fewer readers in common say nothing about two books. */
const fewestTogether = 5;
const longestByDay = 124;

/**
 * Views whose rows depend on events before or after the period: they are of all events, and have the rows of the days of the
 * period.
 */
const beyondThePeriod = ["sessions", "search_conversion"] as const;

/**
 * Computes the figures of a period in a database with `events` and the views over them, which must have what readers did before the period too.
 * Makes a schema `period` there, whose views are over the events that happened in the period.
 */
export async function figuresOf(duck: Duck, from: string, to: string): Promise<Figures> {
  await makePeriod(duck, from, to);
  const ask = async <Row>(sql: string) => (await rowsOf(duck, sql)) as readonly Row[];
  const one = async <Row>(sql: string) => (await ask<Row>(sql))[0] as Row;
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  const step = days > longestByDay ? "week" : "day";
  const active = step === "day" ? "daily_readers" : "weekly_readers";
  const first = step === "day" ? `DATE '${from}'` : `date_trunc('week', DATE '${from}')`;
  return {
    from,
    to,
    step,
    totals:
      await one(`SELECT count(DISTINCT reader) AS readers, count(*) AS readings, coalesce(sum(seconds), 0)::BIGINT AS seconds,
      count(DISTINCT book_id) AS books, (SELECT count(*) FROM period.sessions) AS sessions,
      (SELECT coalesce(sum(seconds), 0)::BIGINT FROM period.sessions) AS "sessionSeconds",
      (SELECT count(*) FROM period.events WHERE type = 'BookFinished') AS finished, count(*) FILTER (late) AS late
      FROM period.readings`),
    course:
      await ask(`SELECT dates.date::VARCHAR AS date, coalesce(readers, 0) AS readers, coalesce(seconds, 0) AS seconds
      FROM (SELECT unnest(generate_series(${first}::TIMESTAMP, DATE '${to}'::TIMESTAMP, INTERVAL 1 ${step}))::DATE AS date) dates
      LEFT JOIN period.${active} active ON active.${step} = dates.date ORDER BY date`),
    heat: await ask("SELECT weekday, hour, seconds FROM period.heat_map ORDER BY weekday, hour"),
    books: await ask(`SELECT coalesce(t.book_title, t.book_id) AS title, t.readers, seconds, finished
      FROM period.time_per_book t JOIN period.completion USING (book_id) ORDER BY seconds DESC, t.book_id LIMIT 15`),
    categories:
      await ask(`SELECT book_channel AS channel, book_category AS category, seconds FROM period.time_per_channel
      ORDER BY seconds DESC, channel, category LIMIT 15`),
    retention: await ask(`SELECT cohort::VARCHAR AS cohort, weeks, share, cohort_readers AS size FROM period.retention
      WHERE weeks <= 12 AND cohort IN (SELECT DISTINCT cohort FROM period.retention ORDER BY cohort DESC LIMIT 12)
      ORDER BY cohort, weeks`),
    funnel: await funnelOf(ask),
    searches:
      await one(`SELECT coalesce(sum(searches), 0)::BIGINT AS searches, coalesce(sum(opened), 0)::BIGINT AS opened,
      coalesce(sum(shelved), 0)::BIGINT AS shelved FROM period.search_conversion`),
    devices: await ask("SELECT devices, readers FROM period.device_mix ORDER BY devices LIMIT 10"),
    together:
      await ask(`SELECT coalesce(title_a, book_a) AS a, coalesce(title_b, book_b) AS b, readers, lift FROM period.books_together
      WHERE readers >= ${fewestTogether} ORDER BY readers DESC, lift DESC, book_a, book_b LIMIT 10`),
  };
}

async function makePeriod(duck: Duck, from: string, to: string): Promise<void> {
  const within = (day: string) => `${day} BETWEEN DATE ${literal(from)} AND DATE ${literal(to)}`;
  await duck.run(`CREATE SCHEMA period;
    CREATE VIEW period.events AS SELECT * FROM main.events WHERE ${within(countedDay)}`);
  await createViews(duck, "period");
  // Of all events, as the first may have happened before the period; computed once, as most views use them.
  await duck.run("DROP VIEW period.repeats; CREATE TABLE period.repeats AS SELECT * FROM main.repeats");
  for (const name of beyondThePeriod) {
    const day = views.find((view) => view.name === name)?.day ?? "";
    await duck.run(`CREATE OR REPLACE VIEW period.${name} AS SELECT * FROM main.${name} WHERE ${within(day)}`);
  }
  // A cohort is a week, which may begin before the period or end after it: its readers are chosen by the day.
  await duck.run(`CREATE VIEW period.readings_of_new AS SELECT * FROM main.readings WHERE reader IN
      (SELECT reader FROM main.readings GROUP BY reader HAVING ${within("min(day)")});
    CREATE OR REPLACE VIEW period.retention AS ${retentionOf("period.readings_of_new")}`);
}

async function funnelOf(ask: <Row>(sql: string) => Promise<readonly Row[]>): Promise<Figures["funnel"]> {
  const rows = await ask<{ title: string | null; chapter: number; readers: number }>(
    `SELECT coalesce(book_title, book_id) AS title, chapter_no AS chapter, readers FROM period.chapter_funnel
     WHERE book_id = (SELECT book_id FROM period.time_per_book ORDER BY readers DESC, book_id LIMIT 1) ORDER BY chapter_no LIMIT 200`,
  );
  return { title: rows[0]?.title ?? null, chapters: rows.map(({ chapter, readers }) => ({ chapter, readers })) };
}

async function rowsOf(duck: Duck, sql: string): Promise<readonly object[]> {
  const answer = await duck.stream(sql);
  const rows: object[] = [];
  for await (const chunk of answer.chunks) for (const row of chunk) rows.push(recordOf(answer, row));
  return rows;
}
