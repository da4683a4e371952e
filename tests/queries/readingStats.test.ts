import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readingStatsEndpoints } from "../../src/http/reading/stats.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { secondsIn, slotsOf } from "../../src/projections/reading/seconds.ts";
import { readingStats } from "../../src/queries/reading/stats.ts";
import { readerId, startApi } from "../http/startApi.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables } from "./readModelTables.ts";

let now = new Date("2026-03-10T12:00:00Z");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: createLogger("test", "silent") });
  await createReadModelTables(pool);
  api = await startApi(readingStatsEndpoints(pool, () => now));
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  now = new Date("2026-03-10T12:00:00Z");
  await pool.query(
    "DELETE FROM rounds_v2.reading_rounds; DELETE FROM reading_time_v1.reading_slots; DELETE FROM reading_time_v1.chapters_read; DELETE FROM library_v3.books",
  );
});

/** The reader read for the seconds before `end`. */
async function read(end: string, seconds: number) {
  for (const { slot, range } of slotsOf(new Date(end), seconds)) {
    const text = "INSERT INTO reading_time_v1.reading_slots VALUES ($1, $2, '', $3)";
    await pool.query(text, [readerId, slot, secondsIn([range])]);
  }
}

type Stats = { days: { date: string; seconds: number }[]; week: number[][]; [field: string]: unknown };
async function stats(query = ""): Promise<Stats> {
  const response = await api.fetch(`/v1/reading/stats${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Stats;
}
const busy = ({ days }: Stats) => days.filter(({ seconds }) => seconds > 0).map(({ date, seconds }) => [date, seconds]);
const busyHours = ({ week }: Stats) =>
  week.flatMap((hours, day) => hours.flatMap((seconds, hour) => (seconds > 0 ? [[day + 1, hour, seconds]] : [])));

test("nothing read is thirty days of nothing", async () => {
  const seen = await stats();
  expect(seen).toMatchObject({
    from: "2026-02-09",
    to: "2026-03-10",
    tz: "Asia/Shanghai",
    seconds: 0,
    chaptersFinished: 0,
  });
  expect(seen).toMatchObject({ streak: { now: 0, longest: 0 } });
  expect(seen.days).toHaveLength(30);
});

test("days and hours are those of the time zone", async () => {
  await read("2026-03-08T16:10:00Z", 1_200);
  expect(busy(await stats("?from=2026-03-01&to=2026-03-10"))).toEqual([
    ["2026-03-08", 600],
    ["2026-03-09", 600],
  ]);
  expect(busyHours(await stats("?from=2026-03-01&to=2026-03-10"))).toEqual([
    [1, 0, 600],
    [7, 23, 600],
  ]);
  expect(busy(await stats("?from=2026-03-01&to=2026-03-08"))).toEqual([["2026-03-08", 600]]);
  expect(busyHours(await stats("?from=2026-03-01&to=2026-03-10&tz=Asia/Kathmandu"))).toEqual([[7, 21, 1_200]]);
});

test("in the hour that summer time leaves out or repeats, each second counts once", async () => {
  await read("2026-03-29T02:00:00Z", 3_600 * 3);
  const spring = await stats("?from=2026-03-28&to=2026-03-29&tz=Europe/Berlin");
  expect(busyHours(spring)).toEqual([
    [7, 0, 3_600],
    [7, 1, 3_600],
    [7, 3, 3_600],
  ]);
  await read("2026-10-25T02:00:00Z", 3_600 * 3);
  const autumn = await stats("?from=2026-10-25&to=2026-10-25&tz=Europe/Berlin");
  expect(busyHours(autumn)).toEqual([
    [7, 1, 3_600],
    [7, 2, 7_200],
  ]);
  expect(autumn).toMatchObject({ seconds: 10_800 });
});

test("a date that begins twice has all its hours, and the day before none of them", async () => {
  // In 2026 Havana and the Azores put their clocks back from 1:00 to 0:00, the former at 5:00 UTC.
  for (const [tz, at] of [
    ["America/Havana", "2026-11-01T05:30:00Z"],
    ["Atlantic/Azores", "2026-10-25T01:30:00Z"],
  ] as const) {
    await pool.query("DELETE FROM reading_time_v1.reading_slots");
    await read(at, 3_600);
    const date = at.slice(0, 10);
    const before = new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
    const day = await stats(`?from=${date}&to=${date}&tz=${tz}`);
    expect([busy(day), busyHours(day)], tz).toEqual([[[date, 3_600]], [[7, 0, 3_600]]]);
    const dayBefore = await stats(`?from=${before}&to=${before}&tz=${tz}`);
    expect([busy(dayBefore), busyHours(dayBefore)], tz).toEqual([[], []]);
  }
});

test("zones that Postgres takes for abbreviations have their summer time", async () => {
  await read("2026-07-01T11:00:00Z", 60);
  for (const [tz, hour] of [
    ["CET", 12],
    ["met", 12],
    ["EET", 13],
    ["WET", 11],
    ["EST", 5],
    ["GB", 11],
  ])
    expect(busyHours(await stats(`?from=2026-07-01&to=2026-07-01&tz=${tz}`)), `${tz}`).toEqual([[3, hour, 60]]);
});

test("the days of the range do not depend on the zone of the database", async () => {
  // There 2026-03-29 has no midnight: one day later is 1:00, which is after the midnight of the range's end.
  const url = `${database.url}?options=-c%20TimeZone%3DAsia/Beirut`;
  const elsewhere = createPool({ url, max: 1, service: "test", logger: createLogger("test", "silent") });
  try {
    const question = { readerId, from: "2026-03-29", to: "2026-03-31", tz: "UTC", today: "2026-03-31" };
    const found = await readingStats(elsewhere, question);
    expect(found?.days.map(({ date }) => date)).toEqual(["2026-03-29", "2026-03-30", "2026-03-31"]);
  } finally {
    await elsewhere.end();
  }
});

test("a streak goes on until a day without reading has passed", async () => {
  for (const day of ["01", "02", "03", "04", "08", "09"]) await read(`2026-03-${day}T04:00:00Z`, 60);
  expect(await stats()).toMatchObject({ streak: { now: 2, longest: 4 } });
  await read("2026-03-10T04:00:00Z", 60);
  expect(await stats()).toMatchObject({ streak: { now: 3, longest: 4 } });
  now = new Date("2026-03-12T12:00:00Z");
  expect(await stats()).toMatchObject({ streak: { now: 0, longest: 4 } });
});

test("chapters are finished at their end, or when a later one was read", async () => {
  const book = bookIdOf(1);
  await catalogue(pool, book, 1n, { chapters: 4 });
  for (const no of [1, 2, 3, 4, 5]) {
    const chapter = [book, no, `chapter0000${no}`, `第${no}章`, "0".repeat(64)];
    await pool.query(
      "INSERT INTO library_v3.chapters VALUES ($1, $2, $3, $4, NULL, 'chapter', $5, 1000, 900)",
      chapter,
    );
  }
  const reach = (no: number, offset: number, at: string) =>
    pool.query("INSERT INTO reading_time_v1.chapters_read VALUES ($1, $2, $3, $4, $5)", [
      readerId,
      book,
      `chapter0000${no}`,
      offset,
      at,
    ]);
  await reach(1, 100, "2026-03-08T17:00:00Z");
  await reach(3, 949, "2026-03-10T01:00:00Z");
  expect(await stats("?from=2026-03-09&to=2026-03-09")).toMatchObject({ chaptersFinished: 1 });
  expect(await stats("?from=2026-03-10&to=2026-03-10")).toMatchObject({ chaptersFinished: 0 });
  // Remains of a longer edition.
  await reach(5, 10, "2026-03-10T02:00:00Z");
  expect(await stats()).toMatchObject({ chaptersFinished: 1 });
  await pool.query("UPDATE reading_time_v1.chapters_read SET offset_reached = 950 WHERE chapter_id = 'chapter00003'");
  expect(await stats()).toMatchObject({ chaptersFinished: 2 });
});

test("a book is finished each time that it is", async () => {
  const finish = (round: number, at: string) =>
    pool.query("INSERT INTO rounds_v2.reading_rounds VALUES ($1, $2, $3, NULL, $4)", [
      readerId,
      bookIdOf(1),
      round,
      at,
    ]);
  await finish(1, "2026-03-08T15:59:59Z");
  await finish(2, "2026-03-08T16:00:00Z");
  expect(await stats("?from=2026-03-09&to=2026-03-09")).toMatchObject({ booksFinished: 1 });
  expect(await stats()).toMatchObject({ booksFinished: 2 });
});

test("one bound of a range is enough, and a bad range or zone says what is wrong", async () => {
  expect(await stats("?from=2026-03-08")).toMatchObject({ from: "2026-03-08", to: "2026-03-10" });
  expect(await stats("?from=2020-01-01")).toMatchObject({ from: "2020-01-01", to: "2020-12-31" });
  expect(await stats("?to=2026-01-31")).toMatchObject({ from: "2026-01-02", to: "2026-01-31" });
  for (const [query, path] of [
    ["?from=2026-03-11&to=2026-03-10", "from"],
    ["?from=2025-03-09&to=2026-03-10", "from"],
    ["?from=2026-02-30", "from"],
    ["?tz=Mars/Phobos", "tz"],
    ["?tz=%2B08:00", "tz"],
    ["?tz=AET", "tz"],
    ["?tz=IST", "tz"],
    ["?tz=PST", "tz"],
    ["?tz=", "tz"],
  ]) {
    const response = await api.fetch(`/v1/reading/stats${query}`);
    expect(await response.json(), query).toMatchObject({ status: 400, code: "invalid_request", errors: [{ path }] });
  }
});

const zones = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Havana", "Atlantic/Azores"];
zones.push("Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia");
const slotSeconds = 900;
/** 2026, with its changes of the clocks, and some days around it. */
const slotIn2026 = fc.integer({ min: 1_966_000, max: 2_003_000 });
const dayIn2026 = fc.integer({ min: Date.UTC(2026, 0, 1) / 86_400_000, max: Date.UTC(2026, 11, 31) / 86_400_000 });
const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);

test("days and hours are those that a plain computation finds in any zone", async () => {
  const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const slots = fc.uniqueArray(fc.tuple(slotIn2026, fc.integer({ min: 1, max: slotSeconds })), {
    maxLength: 60,
    selector: ([slot]) => slot,
  });
  const range = fc.tuple(dayIn2026, fc.integer({ min: 0, max: 365 }));
  await fc.assert(
    fc.asyncProperty(slots, range, fc.constantFrom(...zones), async (slots, [begin, length], tz) => {
      const [from, to] = [dateOf(begin), dateOf(begin + length)];
      await pool.query("DELETE FROM reading_time_v1.reading_slots");
      const insert =
        "INSERT INTO reading_time_v1.reading_slots SELECT $1, slot, '', seconds FROM unnest($2::int4[], $3::int4[]) AS s(slot, seconds)";
      await pool.query(insert, [readerId, slots.map(([slot]) => slot), slots.map(([, seconds]) => seconds)]);
      const format = new Intl.DateTimeFormat("en-GB", {
        timeZone: tz,
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        weekday: "short",
        hourCycle: "h23",
      });
      const days = new Map<string, number>();
      const week = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
      for (const [slot, seconds] of slots) {
        const parts = format.formatToParts(new Date(slot * slotSeconds * 1_000));
        const part = (type: string) => parts.find((one) => one.type === type)!.value;
        const date = `${part("year")}-${part("month")}-${part("day")}`;
        if (date < from || date > to) continue;
        days.set(date, (days.get(date) ?? 0) + seconds);
        week[weekdays.indexOf(part("weekday"))]![Number(part("hour"))]! += seconds;
      }
      const all = Array.from({ length: length + 1 }, (_, n) => dateOf(begin + n));
      const found = await readingStats(pool, { readerId, from, to, tz, today: to });
      expect(found?.days).toEqual(all.map((date) => ({ date, seconds: days.get(date) ?? 0 })));
      expect(found?.week).toEqual(week);
      expect(found?.seconds).toBe([...days.values()].reduce((sum, seconds) => sum + seconds, 0));
    }),
    { numRuns: 60 },
  );
});

type Plan = { readonly Plans?: readonly Plan[]; readonly [field: string]: unknown };
/** How many rows the steps of a plan gave or threw away. */
function rowsOf(plan: Plan): number {
  const count = (field: string) => Number(plan[field] ?? 0);
  const own = count("Actual Rows") + count("Rows Removed by Filter") + count("Rows Removed by Join Filter");
  return own * count("Actual Loops") + (plan.Plans ?? []).reduce((sum, part) => sum + rowsOf(part), 0);
}
type Asked = { readonly name: string; readonly text: string; readonly values: unknown[] };

/** The number of rows processed for the statistics by each statement, if Postgres joins with nested loops. */
async function rowsHandled(question: Omit<Parameters<typeof readingStats>[1], "readerId" | "tz">) {
  const handled: Record<string, number> = {};
  // Postgres chooses them where it expects few rows, which also happens for readers with many.
  const url = `${database.url}?options=-c%20enable_hashjoin%3Doff%20-c%20enable_mergejoin%3Doff`;
  const nested = createPool({ url, max: 1, service: "test", logger: createLogger("test", "silent") });
  const explaining = {
    async query({ name, text, values }: Asked) {
      const { rows } = await nested.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
      handled[name] = rowsOf(rows[0]["QUERY PLAN"][0].Plan);
      return nested.query(text, values);
    },
  };
  await readingStats(explaining as unknown as Pool, { ...question, readerId, tz: "Europe/Berlin" });
  await nested.end();
  return handled;
}

test("a year of much reading costs a few steps for each slot, and a day of it only its own slots", async () => {
  const slots = 8_000;
  const insert =
    "INSERT INTO reading_time_v1.reading_slots SELECT $1, 1967000 + 4 * n, '', 900 FROM generate_series(1, $2::int4) AS n";
  await pool.query(insert, [readerId, slots]);
  await pool.query("ANALYZE reading_time_v1.reading_slots");
  const ofYear = await rowsHandled({ from: "2026-01-01", to: "2026-12-31", today: "2026-12-31" });
  for (const [name, rows] of Object.entries(ofYear)) expect(rows, name).toBeLessThan(10 * slots);
  const oneDay = { from: "2026-05-01", to: "2026-05-01", today: "2026-12-31" };
  const { "reading-streaks": _, ...ofDay } = await rowsHandled(oneDay);
  for (const [name, rows] of Object.entries(ofDay)) expect(rows, name).toBeLessThan(slots / 8);
});
