import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Duck, openDuck } from "../../src/replay/duck/database.ts";
import { wholeCopies } from "../../src/replay/duck/eventsTable.ts";
import { type Figures, figuresOf } from "../../src/replay/report/figures.ts";
import { makeFigures } from "../../src/replay/report/makeReport.ts";
import { reportPage } from "../../src/replay/report/page.ts";
import { words } from "../../src/replay/report/words.ts";
import { dayOf, distinct, fillDuck, type Happened, someEvents, sum } from "./someEvents.ts";
import { writeCopy } from "./writeCopy.ts";

const events = someEvents(2_000, 7);
const readings = events.filter(({ type }) => type === "ReadingProgressed");

async function withEvents<Result>(work: (duck: Duck) => Promise<Result>): Promise<Result> {
  const duck = await openDuck();
  try {
    await fillDuck(duck, events);
    return await work(duck);
  } finally {
    duck.close();
  }
}

test("its figures are those of the events of the period", async () => {
  const [from, to] = ["2026-03-05", "2026-03-20"];
  const figures = await withEvents((duck) => figuresOf(duck, from, to));
  const within = readings.filter(({ at }) => dayOf(at) >= from && dayOf(at) <= to);
  expect(within.length).toBeGreaterThan(50);
  const seconds = sum(within.map((reading) => reading.seconds));
  expect(figures.totals).toMatchObject({
    readers: distinct(within.map(({ reader }) => reader)),
    readings: within.length,
    seconds,
    books: distinct(within.map(({ book }) => book)),
  });
  expect(figures.course).toHaveLength(16);
  for (const { date, readers } of figures.course)
    expect(readers).toBe(distinct(within.filter(({ at }) => dayOf(at) === date).map(({ reader }) => reader)));
  expect(sum(figures.heat.map((one) => one.seconds))).toBe(seconds);
  expect(sum(figures.books.map((one) => one.seconds))).toBe(seconds);
});

describe("what readers did before the period and after it", () => {
  const dayIn = (text: string) => Date.parse(`${text}+08:00`);
  const [one] = events as [Happened];
  let position = 0;
  const happened = (type: Happened["type"], reader: string, text: string): Happened => ({
    ...one,
    type,
    reader,
    at: dayIn(text),
    seconds: 60,
    position: ++position,
  });
  const reads = (reader: string, text: string) => happened("ReadingProgressed", reader, text);
  const life = [
    ...["a", "b", "c"].flatMap((reader) => [
      reads(reader, "2026-01-06T12:00"),
      reads(reader, "2026-11-03T12:00"),
      reads(reader, "2026-11-10T12:00"),
    ]),
    reads("new", "2026-11-04T12:00"),
    reads("new", "2026-12-09T12:00"),
    reads("later", "2026-12-02T12:00"),
    reads("owl", "2026-10-31T23:50"),
    reads("owl", "2026-11-01T00:05"),
    happened("KeywordSearched", "a", "2026-11-30T23:55"),
    happened("BookOpened", "a", "2026-12-01T00:05"),
    happened("BookAddedToShelf", "a", "2026-12-01T00:06"),
  ];
  const figuresIn = async (from: string, to: string) => {
    const duck = await openDuck();
    try {
      await fillDuck(duck, life);
      return {
        figures: await figuresOf(duck, from, to),
        retention: await duck.rows<{ cohort: string; weeks: string; size: string; share: number }>(
          "SELECT cohort::VARCHAR AS cohort, weeks, share, cohort_readers AS size FROM retention ORDER BY cohort, weeks",
        ),
      };
    } finally {
      duck.close();
    }
  };

  test("a reader who began before the period is in none of its cohorts, nor is one who began after it", async () => {
    const { figures, retention } = await figuresIn("2026-11-01", "2026-11-30");
    // The reader who began on Wednesday, 2 December, is in the week of 30 November, but not in the period.
    expect(figures.retention).toEqual([
      { cohort: "2026-11-02", weeks: 0, share: 1, size: 1 },
      { cohort: "2026-11-02", weeks: 5, share: 1, size: 1 },
    ]);
    // The views of all events are unchanged.
    expect(retention.map(({ cohort }) => cohort)).toEqual(expect.arrayContaining(["2026-01-05", "2026-11-30"]));
  });

  test("a period of whole weeks has the view's cohorts", async () => {
    const { figures, retention } = await figuresIn("2026-11-02", "2026-12-06");
    const within = retention.filter(({ cohort }) => cohort >= "2026-11-02" && cohort <= "2026-11-30");
    expect(within).toHaveLength(3);
    expect(figures.retention).toEqual(
      within.map((row) => ({ ...row, weeks: Number(row.weeks), size: Number(row.size) })),
    );
  });

  test.each([
    ["2026-11-03", "2026-11-30", [0, 5]],
    ["2026-11-04", "2026-11-04", [0, 5]],
    ["2026-11-05", "2026-11-30", []],
  ] as const)("from %s to %s, in the middle of a week, it has those who began on its days", async (from, to, weeks) => {
    const { figures } = await figuresIn(from, to);
    expect(figures.retention).toEqual(weeks.map((week) => ({ cohort: "2026-11-02", weeks: week, share: 1, size: 1 })));
  });

  test("a period with which the log begins has the readers of its first week, on whichever day that begins", async () => {
    const { figures } = await figuresIn("2026-01-06", "2026-01-31");
    expect(figures.retention).toEqual([{ cohort: "2026-01-05", weeks: 0, share: 1, size: 3 }]);
  });

  test("a search of its last minutes led to what was opened after midnight, and a session is of the day on which it began", async () => {
    const { figures } = await figuresIn("2026-11-01", "2026-11-30");
    expect(figures.searches).toEqual({ searches: 1, opened: 1, shelved: 1 });
    expect(figures.totals).toMatchObject({ readings: 8, readers: 5, sessions: 7, sessionSeconds: 420 });
    const october = await figuresIn("2026-10-01", "2026-10-31");
    expect(october.figures.totals).toMatchObject({ readings: 1, sessions: 1, seconds: 60, sessionSeconds: 120 });
    expect((await figuresIn("2026-12-01", "2026-12-31")).figures.searches.searches).toBe(0);
  });
});

test("a title or a category of digits stays a text", async () => {
  const [reading] = readings as [Happened];
  const duck = await openDuck();
  try {
    await fillDuck(duck, [{ ...reading, title: "1984", category: "2026" }]);
    const day = dayOf(reading.at);
    const { books, categories } = await figuresOf(duck, day, day);
    expect(books).toMatchObject([{ title: "1984", readers: 1 }]);
    expect(categories).toMatchObject([{ category: "2026", seconds: reading.seconds }]);
  } finally {
    duck.close();
  }
});

test("a long period is shown by weeks", async () => {
  const figures = await withEvents((duck) => figuresOf(duck, "2026-01-01", "2026-12-31"));
  expect(figures).toMatchObject({ step: "week", totals: { readings: readings.length } });
  expect(figures.course.length).toBe(53);
  expect(figures.course[0]?.date).toBe("2025-12-29");
});

const empty: Figures = {
  from: "2026-03-01",
  to: "2026-03-31",
  step: "day",
  totals: { readers: 0, readings: 0, seconds: 0, books: 0, sessions: 0, sessionSeconds: 0, finished: 0, late: 0 },
  course: [],
  heat: [],
  categories: [],
  retention: [],
  devices: [],
  together: [],
  books: [{ title: "</script><script>alert(1)</script>《书》", readers: 1, seconds: 1, finished: 0 }],
  funnel: { title: null, chapters: [] },
  searches: { searches: 0, opened: 0, shelved: 0 },
};

test("the page is one file that may load nothing, and no title of a book ends its script", () => {
  const page = reportPage(empty);
  const markup = page.replaceAll(/<script>.*?<\/script>/gs, "<script></script>");
  expect(markup).toContain(`http-equiv="Content-Security-Policy" content="default-src 'none'`);
  expect(markup).not.toMatch(/<(link|img|iframe)\b|<script[^>]+src=|@import|https?:/);
  expect(markup.match(/<\/script>/g)).toHaveLength(3);
  const data = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
  expect(JSON.parse(data)).toEqual({ figures: empty, words });
});

test("without days it has the days that readings count on: what ends at midnight is of the day before", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heima-report-"));
  await writeCopy(folder, "ndjson", {
    position: 7,
    type: "ReadingProgressed",
    reader: "0af1",
    book_id: "hongloumeng1",
    happened_at: "2026-11-28T16:00:00.000Z",
    happened_day: "2026-11-29",
    active_seconds: 600,
  });
  const figures = await makeFigures(await wholeCopies([folder]), { from: undefined, to: undefined });
  expect(figures).toMatchObject({ from: "2026-11-28", to: "2026-11-28", totals: { readings: 1, seconds: 600 } });
  await rm(folder, { recursive: true });
});

test("both languages have the same words", () => {
  expect(Object.keys(words.en)).toEqual(Object.keys(words.zh));
  const holes = (text: unknown) => JSON.stringify(text).match(/\{\w+\}/g) ?? [];
  for (const key of Object.keys(words.zh) as (keyof typeof words.zh)[])
    expect(holes(words.en[key])).toEqual(holes(words.zh[key]));
});

test("a database of another kind is no copy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heima-report-"));
  await writeFile(join(folder, "manifest.json"), "{}");
  await expect(wholeCopies([folder])).rejects.toThrow("is no manifest");
  await expect(wholeCopies([join(folder, "elsewhere")])).rejects.toThrow("has not ended, or is elsewhere");
  await rm(folder, { recursive: true });
});
