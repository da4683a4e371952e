import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { computeStates, viewsOfStates } from "../../src/replay/analytics/states.ts";
import { type Duck, openDuck } from "../../src/replay/duck/database.ts";
import { figuresOf } from "../../src/replay/report/figures.ts";
import { views } from "../../src/replay/views/index.ts";
import { groupBy } from "../chaos/oracle/groupBy.ts";
import { dayOf, distinct, fillDuck, type Happened, mondayOf, someEvents, sum } from "./someEvents.ts";

const events = someEvents(4_000, 20);
const readings = events.filter(({ type }) => type === "ReadingProgressed");
let duck: Duck;

beforeAll(async () => {
  duck = await openDuck();
  await fillDuck(duck, events);
});
afterAll(() => duck?.close());

type Row = Readonly<Record<string, unknown>>;
/** The rows of a view, 64-bit integers as numbers and shares to nine places, in the order of `key`. */
async function rowsOf(view: string, key: string): Promise<readonly Row[]> {
  const rows = await duck.rows<Row>(`SELECT * FROM ${view} ORDER BY ${key}`);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
}
const plain = (value: unknown) =>
  typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : typeof value === "number" ? share(value) : value;
const share = (number: number) => Number(number.toFixed(9));

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
const inOrder = <Item>(map: ReadonlyMap<string, Item>) => [...map].sort(([one], [other]) => compare(one, other));
const utc = (at: number) =>
  new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/\.000Z$/, "");
/** The title of the last of some events. */
const lastOf = (some: readonly Happened[]) => some.reduce((last, one) => (one.position > last.position ? one : last));

test("sessions: as a fold of the events", async () => {
  const expected: Row[] = [];
  for (const [reader, own] of inOrder(groupBy(readings, (event) => event.reader))) {
    const sorted = own.toSorted(
      (one, other) => one.at - 1_000 * one.seconds - (other.at - 1_000 * other.seconds) || one.at - other.at,
    );
    let session: Happened[] = [];
    let ended = 0;
    let number = 0;
    const close = () => {
      if (session.length === 0) return;
      number++;
      expected.push({
        reader,
        session: number,
        began_at: utc(Math.min(...session.map(({ at, seconds }) => at - 1_000 * seconds))),
        ended_at: utc(Math.max(...session.map(({ at }) => at))),
        readings: session.length,
        seconds: sum(session.map(({ seconds }) => seconds)),
        books: distinct(session.map(({ book }) => book)),
      });
      session = [];
    };
    for (const event of sorted) {
      if (event.at - 1_000 * event.seconds - ended > 30 * 60_000) close();
      session.push(event);
      ended = session.length === 1 ? event.at : Math.max(ended, event.at);
    }
    close();
  }
  expect(expected.length).toBeGreaterThan(300);
  expect(await rowsOf("sessions", "reader, session")).toEqual(expected);
});

test("a pause of half an hour is within a session, a longer one is not", async () => {
  const own = await openDuck();
  const base = { ...(readings[0] as Happened), reader: "a", seconds: 60 };
  const at = (minute: number) => base.at + minute * 60_000;
  await fillDuck(own, [
    { ...base, position: 1 },
    { ...base, position: 2, at: at(31) },
    { ...base, position: 3, at: at(62) + 1_000 },
  ]);
  const rows = await own.rows("SELECT session, readings FROM sessions ORDER BY session");
  expect(rows).toEqual([
    { session: "1", readings: "2" },
    { session: "2", readings: "1" },
  ]);
  own.close();
});

test.each([
  ["daily_readers", "day", dayOf],
  ["weekly_readers", "week", mondayOf],
  ["monthly_readers", "month", (at: number) => `${dayOf(at).slice(0, 7)}-01`],
] as const)("%s: as a fold of the events", async (view, period, periodOf) => {
  const expected = inOrder(groupBy(readings, ({ at }) => periodOf(at))).map(([key, all]) => ({
    [period]: key,
    readers: distinct(all.map(({ reader }) => reader)),
    readings: all.length,
    seconds: sum(all.map(({ seconds }) => seconds)),
  }));
  expect(expected.length).toBeGreaterThan(2);
  expect(await rowsOf(view, period)).toEqual(expected);
});

test("chapter_funnel: as a fold of the events", async () => {
  const expected: Row[] = [];
  for (const [book, all] of inOrder(groupBy(readings, (event) => event.book))) {
    const furthest = [...groupBy(all, ({ reader }) => reader).values()].map((own) =>
      Math.max(...own.map(({ chapter }) => chapter)),
    );
    let before = furthest.length;
    for (let chapter = 1; chapter <= Math.max(...furthest); chapter++) {
      const readers = furthest.filter((reached) => reached >= chapter).length;
      expected.push({
        book_id: book,
        book_title: lastOf(all).title,
        chapter_no: chapter,
        readers,
        share: share(readers / furthest.length),
        lost: before - readers,
      });
      before = readers;
    }
  }
  expect(await rowsOf("chapter_funnel", "book_id, chapter_no")).toEqual(expected);
});

test("retention: as a fold of the events", async () => {
  const first = new Map(
    [...groupBy(readings, ({ reader }) => reader)].map(([reader, own]) => [
      reader,
      mondayOf(Math.min(...own.map(({ at }) => at))),
    ]),
  );
  const sizes = groupBy([...first], ([, cohort]) => cohort);
  const active = groupBy(readings, ({ reader, at }) => `${first.get(reader)} ${mondayOf(at)}`);
  const expected = inOrder(active).map(([key, all]) => {
    const [cohort = "", week = ""] = key.split(" ");
    const readers = distinct(all.map(({ reader }) => reader));
    const cohortReaders = sizes.get(cohort)?.length ?? 0;
    return {
      cohort,
      weeks: (Date.parse(week) - Date.parse(cohort)) / (7 * 86_400_000),
      readers,
      cohort_readers: cohortReaders,
      share: share(readers / cohortReaders),
    };
  });
  expect(await rowsOf("retention", "cohort, weeks")).toEqual(expected);
});

test("completion: as a fold of the events", async () => {
  const expected = inOrder(groupBy(readings, (event) => event.book)).map(([book, all]) => {
    const readers = distinct(all.map(({ reader }) => reader));
    const done = events.filter((event) => event.type === "BookFinished" && event.book === book);
    const finished = distinct(done.map(({ reader }) => reader));
    const whoRead = new Set(all.map(({ reader }) => reader));
    const ofThem = distinct(done.map(({ reader }) => reader).filter((reader) => whoRead.has(reader)));
    const atTheEnd = distinct(all.filter(({ chapter, chapters }) => chapter >= chapters).map(({ reader }) => reader));
    return {
      book_id: book,
      book_title: lastOf(all).title,
      readers,
      finished,
      at_the_end: atTheEnd,
      share: share(ofThem / readers),
    };
  });
  expect(await rowsOf("completion", "book_id")).toEqual(expected);
});

test("shares are from 0 to 1, of whatever nobody read or finished without reading, and made of states too", async () => {
  const own = await openDuck();
  const [one] = readings as [Happened];
  const happened = (type: Happened["type"], reader: string, position: number): Happened => ({
    ...one,
    type,
    reader,
    position,
    seconds: 0,
  });
  try {
    await fillDuck(own, [
      happened("ReadingProgressed", "a", 1),
      happened("BookFinished", "b", 2),
      happened("BookFinished", "c", 3),
    ]);
    await computeStates(own, undefined);
    for (const from of ["completion", `(${viewsOfStates.completion})`])
      expect(await own.rows(`SELECT readers, finished, share FROM ${from}`)).toEqual([
        { readers: "1", finished: "2", share: 0 },
      ]);
    for (const from of ["time_per_channel", `(${viewsOfStates.time_per_channel})`])
      expect(await own.rows(`SELECT seconds, share FROM ${from}`)).toEqual([{ seconds: "0", share: null }]);
  } finally {
    own.close();
  }
});

test("time_per_book and time_per_channel: as a fold of the events", async () => {
  const books = inOrder(groupBy(readings, (event) => event.book)).map(([book, all]) => ({
    book_id: book,
    book_title: lastOf(all).title,
    book_channel: all[0]?.channel,
    book_category: all[0]?.category,
    readers: distinct(all.map(({ reader }) => reader)),
    readings: all.length,
    seconds: sum(all.map(({ seconds }) => seconds)),
  }));
  expect(await rowsOf("time_per_book", "book_id")).toEqual(books);
  const total = sum(readings.map(({ seconds }) => seconds));
  const channels = inOrder(groupBy(readings, ({ channel, category }) => `${channel} ${category}`)).map(([key, all]) => {
    const seconds = sum(all.map((event) => event.seconds));
    const [channel, category] = key.split(" ");
    const [readers, of] = [distinct(all.map(({ reader }) => reader)), distinct(all.map(({ book }) => book))];
    return {
      book_channel: channel,
      book_category: category,
      readers,
      books: of,
      seconds,
      share: share(seconds / total),
    };
  });
  expect(await rowsOf("time_per_channel", "book_channel, book_category")).toEqual(channels);
});

test("search_conversion: as a fold of the events", async () => {
  const counts = new Map<string, { searches: number; opened: number; shelved: number }>();
  for (const own of groupBy(events, ({ reader }) => reader).values()) {
    const searches = own
      .filter(({ type }) => type === "KeywordSearched")
      .sort((one, other) => one.at - other.at || one.position - other.position);
    for (const [index, search] of searches.entries()) {
      const until = Math.min(search.at + 30 * 60_000, searches[index + 1]?.at ?? Number.POSITIVE_INFINITY);
      const within = own.filter(({ at }) => at >= search.at && at < until);
      const opens = within.filter(({ type }) => type === "BookOpened");
      const shelved = within.some(
        (event) =>
          event.type === "BookAddedToShelf" && opens.some((open) => open.book === event.book && open.at <= event.at),
      );
      const day = dayOf(search.at);
      const before = counts.get(day) ?? { searches: 0, opened: 0, shelved: 0 };
      counts.set(day, {
        searches: before.searches + 1,
        opened: before.opened + (opens.length > 0 ? 1 : 0),
        shelved: before.shelved + (shelved ? 1 : 0),
      });
    }
  }
  const expected = inOrder(counts).map(([day, count]) => ({
    day,
    ...count,
    open_share: share(count.opened / count.searches),
    shelf_share: share(count.shelved / count.searches),
  }));
  expect(sum(expected.map(({ shelved }) => shelved))).toBeGreaterThan(3);
  expect(await rowsOf("search_conversion", "day")).toEqual(expected);
});

test("heat_map: as a fold of the events", async () => {
  const local = (at: number) => new Date(at + 8 * 3_600_000);
  const keyOf = ({ at, seconds }: Happened) => {
    // Reading that ends on the hour belongs to the previous hour.
    const last = local(seconds > 0 ? at - 1 : at);
    return `${last.getUTCDay() || 7} ${String(last.getUTCHours()).padStart(2, "0")}`;
  };
  const expected = inOrder(groupBy(readings, keyOf)).map(([key, all]) => {
    const [weekday, hour] = key.split(" ").map(Number);
    const readers = distinct(all.map(({ reader }) => reader));
    return { weekday, hour, readers, readings: all.length, seconds: sum(all.map(({ seconds }) => seconds)) };
  });
  expect(await rowsOf("heat_map", "weekday, hour")).toEqual(expected);
});

test("device_mix: as a fold of the events", async () => {
  const readers = [...groupBy(readings, ({ reader }) => reader).values()].map((own) => {
    const perDevice = [...groupBy(own, ({ device }) => device).values()].map((all) =>
      sum(all.map(({ seconds }) => seconds)),
    );
    return { devices: perDevice.length, seconds: sum(perDevice), main: Math.max(...perDevice) };
  });
  const expected = inOrder(groupBy(readers, ({ devices }) => `${devices}`)).map(([devices, all]) => {
    const seconds = sum(all.map((one) => one.seconds));
    return {
      devices: Number(devices),
      readers: all.length,
      reader_share: share(all.length / readers.length),
      seconds,
      main_device_share: share(sum(all.map(({ main }) => main)) / seconds),
    };
  });
  expect(await rowsOf("device_mix", "devices")).toEqual(expected);
});

test("books_together: as a fold of the events", async () => {
  const books = inOrder(groupBy(readings, ({ book }) => book)).map(([book, all]) => ({
    book,
    title: lastOf(all).title,
    readers: new Set(all.map(({ reader }) => reader)),
  }));
  const everybody = distinct(readings.map(({ reader }) => reader));
  const expected = books.flatMap((a, index) =>
    books.slice(index + 1).flatMap((b) => {
      const both = [...a.readers].filter((reader) => b.readers.has(reader)).length;
      if (both === 0) return [];
      const [na, nb] = [a.readers.size, b.readers.size];
      return {
        book_a: a.book,
        title_a: a.title,
        book_b: b.book,
        title_b: b.title,
        readers: both,
        readers_a: na,
        readers_b: nb,
        jaccard: share(both / (na + nb - both)),
        lift: share((both * everybody) / (na * nb)),
      };
    }),
  );
  expect(await rowsOf("books_together", "book_a, book_b")).toEqual(expected);
});

test("what ends at midnight is of the day before in views and reports, and takes no hour of the next", async () => {
  const own = await openDuck();
  const midnight = Date.UTC(2026, 5, 30, 16);
  const base = { ...(readings[0] as Happened), reader: "a", at: midnight };
  await fillDuck(own, [
    { ...base, position: 1, seconds: 3_600 },
    { ...base, position: 2, seconds: 0 },
    { ...base, position: 3, seconds: 60, at: midnight + 1 },
  ]);
  const sql = `SELECT position::INTEGER AS position, strftime(day, '%m-%d') AS day, strftime(week, '%m-%d') AS week,
    strftime(month, '%m-%d') AS month, hour::INTEGER AS hour, weekday::INTEGER AS weekday FROM readings ORDER BY position`;
  const july = { day: "07-01", week: "06-29", month: "07-01", hour: 0, weekday: 3 };
  expect(await own.rows(sql)).toEqual([
    { position: 1, day: "06-30", week: "06-29", month: "06-01", hour: 23, weekday: 2 },
    { position: 2, ...july },
    { position: 3, ...july },
  ]);
  expect((await figuresOf(own, "2026-06-01", "2026-06-30")).totals).toMatchObject({ readings: 1, seconds: 3_600 });
  own.close();
});

describe("the declarations", () => {
  test.each(views.map((view) => [view.name, view] as const))(
    "%s explains only columns that it has",
    async (name, view) => {
      const { columns } = await duck.stream(`SELECT * FROM ${name} LIMIT 0`);
      for (const column of Object.keys(view.columns)) expect(columns).toContain(column);
    },
  );

  test.each(views.map((view) => [view.name, view] as const))(
    "%s says by what a period and a book are asked for",
    async (name, view) => {
      const { day, book } = view;
      const columns = await duck.rows<{ name: string; type: string }>(
        `SELECT name, type FROM pragma_table_info('${name}')`,
      );
      expect(day !== undefined).toBe(columns.some(({ type }) => type === "DATE" || type === "TIMESTAMP"));
      if (day !== undefined)
        expect(await duck.rows(`SELECT DISTINCT typeof(${day}) AS type FROM ${name}`)).toEqual([{ type: "DATE" }]);
      expect(book).toBe(columns.find((column) => column.name === "book_id")?.name);
    },
  );

  const document = readFileSync(new URL("../../docs/analysts.md", import.meta.url), "utf8");
  const examples = [...document.matchAll(/^ask (['"])(.*)\1$/gm)].map(([, , sql = ""]) => sql);
  test.each(examples)("the example of docs/analysts.md runs: %s", async (sql) => {
    expect(examples.length).toBeGreaterThan(views.length);
    expect((await duck.rows(sql)).length).toBeGreaterThan(0);
  });

  test("without events every view is empty", async () => {
    const empty = await openDuck();
    await fillDuck(empty, events.slice(0, 1));
    await empty.run("DELETE FROM events");
    for (const { name } of views) expect(await empty.rows(`SELECT * FROM ${name}`)).toEqual([]);
    empty.close();
  });
});
