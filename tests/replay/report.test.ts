import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Duck, openDuck } from "../../src/replay/duck/database.ts";
import { createViews } from "../../src/replay/duck/eventsTable.ts";
import { type Figures, figuresOf } from "../../src/replay/report/figures.ts";
import { reportPage } from "../../src/replay/report/page.ts";
import { words } from "../../src/replay/report/words.ts";
import { dayOf, distinct, fillDuck, someEvents, sum } from "./someEvents.ts";

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
  const figures = await withEvents(async (duck) => {
    await duck.run("ALTER TABLE events RENAME TO all_events");
    await duck.run(
      `CREATE VIEW events AS SELECT * FROM all_events WHERE happened_day BETWEEN DATE '${from}' AND DATE '${to}'`,
    );
    await createViews(duck);
    return figuresOf(duck, from, to);
  });
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
  totals: { readers: 0, readings: 0, seconds: 0, books: 0, sessions: 0, finished: 0, late: 0 },
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

test("both languages have the same words", () => {
  expect(Object.keys(words.en)).toEqual(Object.keys(words.zh));
  const holes = (text: unknown) => JSON.stringify(text).match(/\{\w+\}/g) ?? [];
  for (const key of Object.keys(words.zh) as (keyof typeof words.zh)[])
    expect(holes(words.en[key])).toEqual(holes(words.zh[key]));
});

test("a database of another kind is no copy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heima-report-"));
  await writeFile(join(folder, "manifest.json"), "{}");
  const { wholeCopies } = await import("../../src/replay/duck/eventsTable.ts");
  await expect(wholeCopies([folder])).rejects.toThrow("is no manifest");
  await expect(wholeCopies([join(folder, "elsewhere")])).rejects.toThrow("has not ended, or is elsewhere");
  await rm(folder, { recursive: true });
});
