import type { Duck } from "../duck/database.ts";

/** What a report shows, each list in the order in which it is shown. Days are of China, shares are of 1. */
export type Figures = {
  readonly from: string;
  readonly to: string;
  readonly totals: Readonly<
    Record<"readers" | "readings" | "seconds" | "books" | "sessions" | "finished" | "late", number>
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

/** Computes the figures of the readings of a period in a database whose `all_events` are the events. */
export async function figuresOf(duck: Duck, from: string, to: string): Promise<Figures> {
  const ask = async <Row>(sql: string) => (await duck.rows(sql)).map((row) => numbersOf(row)) as readonly Row[];
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
      count(DISTINCT book_id) AS books, (SELECT count(*) FROM sessions) AS sessions,
      (SELECT count(*) FROM events WHERE type = 'BookFinished') AS finished, count(*) FILTER (late) AS late FROM readings`),
    course:
      await ask(`SELECT dates.date::VARCHAR AS date, coalesce(readers, 0) AS readers, coalesce(seconds, 0) AS seconds
      FROM (SELECT unnest(generate_series(${first}::TIMESTAMP, DATE '${to}'::TIMESTAMP, INTERVAL 1 ${step}))::DATE AS date) dates
      LEFT JOIN ${active} ON ${active}.${step} = dates.date ORDER BY date`),
    heat: await ask("SELECT weekday, hour, seconds FROM heat_map ORDER BY weekday, hour"),
    books: await ask(`SELECT coalesce(t.book_title, t.book_id) AS title, t.readers, seconds, finished
      FROM time_per_book t JOIN completion USING (book_id) ORDER BY seconds DESC, t.book_id LIMIT 15`),
    categories: await ask(`SELECT book_channel AS channel, book_category AS category, seconds FROM time_per_channel
      ORDER BY seconds DESC, channel, category LIMIT 15`),
    retention: await ask(`SELECT cohort::VARCHAR AS cohort, weeks, share, cohort_readers AS size FROM retention
      WHERE weeks <= 12 AND cohort IN (SELECT DISTINCT cohort FROM retention ORDER BY cohort DESC LIMIT 12)
      ORDER BY cohort, weeks`),
    funnel: await funnelOf(ask),
    searches:
      await one(`SELECT coalesce(sum(searches), 0)::BIGINT AS searches, coalesce(sum(opened), 0)::BIGINT AS opened,
      coalesce(sum(shelved), 0)::BIGINT AS shelved FROM search_conversion`),
    devices: await ask("SELECT devices, readers FROM device_mix ORDER BY devices LIMIT 10"),
    together:
      await ask(`SELECT coalesce(title_a, book_a) AS a, coalesce(title_b, book_b) AS b, readers, lift FROM books_together
      WHERE readers >= ${fewestTogether} ORDER BY readers DESC, lift DESC, book_a, book_b LIMIT 10`),
  };
}

async function funnelOf(ask: <Row>(sql: string) => Promise<readonly Row[]>): Promise<Figures["funnel"]> {
  const rows = await ask<{ title: string | null; chapter: number; readers: number }>(
    `SELECT coalesce(book_title, book_id) AS title, chapter_no AS chapter, readers FROM chapter_funnel
     WHERE book_id = (SELECT book_id FROM time_per_book ORDER BY readers DESC, book_id LIMIT 1) ORDER BY chapter_no LIMIT 200`,
  );
  return { title: rows[0]?.title ?? null, chapters: rows.map(({ chapter, readers }) => ({ chapter, readers })) };
}

/** 64-bit integers come as text. */
function numbersOf(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name !== "title" && name !== "a" && name !== "b" && typeof value === "string" && /^-?\d+$/.test(value)
        ? Number(value)
        : value,
    ]),
  );
}
