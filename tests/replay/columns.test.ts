import { expect, test } from "vitest";
import { z } from "zod";
import { someText } from "../../src/domain/bounded.ts";
import type { StreamFacts } from "../../src/domain/stream.ts";
import { streams } from "../../src/domain/streams.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import { openDuck } from "../../src/replay/duck/database.ts";
import { createRows, readerIdOf } from "../../src/replay/schema/cells.ts";
import { columns, columnsOf, eventRows, rowsOf } from "../../src/replay/schema/columns.ts";
import { createTextLines } from "../../src/replay/schema/textLines.ts";
import { logOf, progressed, readerIds } from "./log.ts";

/** A stream unknown to this release. */
const clubs: StreamFacts = {
  category: "clubs",
  refusals: {},
  keys: { reader: "id", book: { field: "bookId" } },
  events: {
    ClubJoined: {
      version: 3,
      schema: z.strictObject({
        bookId: z.string(),
        clubId: z.uuid(),
        greeting: someText(20),
        level: z.enum(["a", "b"]).optional(),
        order: z.int(),
        place: z.strictObject({ city: someText(9), seat: z.int().nullable() }),
        tags: z.array(z.string()),
      }),
    },
  },
};

test("an event that is added later has its columns by itself, and shows no text of a reader", () => {
  const [row] = rowsOf([clubs]);
  expect(row).toMatchObject({ type: "ClubJoined", version: 3, ofReader: true, book: "bookId" });
  expect(row?.fields.map(({ column, type, privacy, nullable }) => [column, type, privacy, nullable])).toEqual([
    ["club_id", "VARCHAR", "keyed", false],
    ["greeting", "VARCHAR", "withheld", false],
    ["level", "VARCHAR", "plain", true],
    ["order_", "BIGINT", "plain", false],
    ["place_city", "VARCHAR", "withheld", false],
    ["place_seat", "BIGINT", "plain", true],
    ["tags", "JSON", "withheld", false],
  ]);
});

test("two fields of one name and different types are refused", () => {
  const other: StreamFacts = {
    ...clubs,
    category: "others",
    events: { OtherJoined: { version: 1, schema: z.strictObject({ bookId: z.string(), level: z.int() }) } },
  };
  expect(() => columnsOf(rowsOf([clubs, other]))).toThrow(
    "OtherJoined: level is VARCHAR in another event and BIGINT here",
  );
});

test("every event of readers and books has a row; columns can be named without quotes, and once", async () => {
  const exported = new Set(eventRows.map(({ type }) => type));
  for (const { category, events } of streams)
    for (const type of Object.keys(events)) expect(exported.has(type), type).toBe(category !== "operations");
  const names = columns.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const duck = await openDuck();
  await duck.run(`CREATE TABLE t (${names.map((name) => `${name} INTEGER`).join(", ")})`);
  await duck.run(`SELECT ${names.join(", ")} FROM t`);
  duck.close();
});

test("texts that readers type are left out, except their searches", () => {
  const typed = eventRows.flatMap(({ type, ofReader, fields }) =>
    fields
      .filter(({ text }) => ofReader && text === "free")
      .map(({ column, privacy }) => `${type}.${column} ${privacy}`),
  );
  expect(typed).toContain("BookmarkSet.note withheld");
  expect(typed).toContain("ShelfGroupCreated.name withheld");
  expect(typed).toContain("ReadingProgressed.device_id keyed");
  expect(typed.filter((one) => one.endsWith(" plain") && one !== "KeywordSearched.keyword plain")).toEqual([]);
});

test.each(["csv", "ndjson"] as const)("%s: every cell of the envelope stands in its column", (format) => {
  const [reader = ""] = readerIds;
  const created = "2026-11-28T17:00:00.000Z";
  const { events } = logOf([
    [`progress-${reader}`, progressed({ bookId: "hongloumeng0", readAt: "2026-11-28T07:30:00Z" }), created],
  ]);
  const event = createCodec().decode(events[0] as (typeof events)[number]);
  const book = {
    title: '石头"记',
    author: "曹雪芹",
    channel: "published",
    category: "古典",
    subCategory: null,
    status: "finished",
    chapters: 120,
  };
  const row = eventRows.find(({ type }) => type === event.type) as (typeof eventRows)[number];
  const identity = { reader: "0af1", key: (value: string) => `key of ${value}` };
  const writer = createTextLines(format);
  const line = createRows(false)(writer.line, { event, row, readerId: readerIdOf(event, row) }, book, identity);
  const expected = {
    position: 100,
    type: "ReadingProgressed",
    version: 1,
    stream_category: "progress",
    revision: 0,
    created,
    created_day: "2026-11-29",
    happened_at: "2026-11-28T07:30:00.000Z",
    happened_day: "2026-11-28",
    late_seconds: 34_200,
    late: true,
    reader: "0af1",
    corrected: false,
    book_id: "hongloumeng0",
    book_title: '石头"记',
    book_author: "曹雪芹",
    book_channel: "published",
    book_category: "古典",
    book_status: "finished",
    book_chapters: 120,
    // Of the first event of this stream (log.ts).
    entry_id: "key of 71fb59d5-d4ef-8f65-8879-b458ded0e507",
    chapter_id: "chapter00001",
    chapter_no: 1,
    text_offset: 0,
    read_at: "2026-11-28T07:30:00.000Z",
    active_seconds: 60,
    device_id: "key of phone",
  };
  if (format === "ndjson") expect(JSON.parse(line)).toEqual(expected);
  else {
    const cells = line.trimEnd().split(",");
    const shown = writer.head
      .trimEnd()
      .split(",")
      .map((name, index) => [name, cells[index]] as const);
    const asCsv = Object.entries(expected).map(([name, value]) => [
      name,
      typeof value === "string" && !/^\d{4}-\d\d-\d\d/.test(value) ? `"${value.replaceAll('"', '""')}"` : `${value}`,
    ]);
    expect(Object.fromEntries(shown.filter(([, cell]) => cell !== ""))).toEqual(Object.fromEntries(asCsv));
  }
});

test("half a character in a text is replaced, because DuckDB refuses all of a file with its escape", () => {
  const created = "2026-11-28T17:00:00.000Z";
  const data = { bookId: "hongloumeng0", readAt: "2026-11-28T07:30:00Z" };
  const log = logOf([[`progress-${readerIds[0]}`, progressed(data), created]]);
  const event = createCodec().decode(log.events[0] as (typeof log.events)[number]);
  const row = eventRows.find(({ type }) => type === event.type) as (typeof eventRows)[number];
  const chosen = { event, row, readerId: readerIdOf(event, row) };
  const book = {
    title: "a\ud83d",
    author: "曹雪芹",
    channel: "published",
    category: "古典",
    subCategory: null,
    status: "finished",
    chapters: 1,
  };
  for (const format of ["csv", "ndjson"] as const) {
    const line = createRows(true)(createTextLines(format).line, chosen, book, undefined);
    expect(Buffer.from(line).toString(), format).toContain('"a\ufffd"');
  }
});

test("a search happened when it was made, although it was recorded after the book that it led to was opened", () => {
  const [searchedAt, recorded] = ["2026-11-29T10:00:00.100Z", "2026-11-29T10:00:01.200Z"];
  const log = logOf([
    [`search-${readerIds[0]}`, { type: "KeywordSearched", data: { keyword: "红楼", searchedAt } }, recorded],
    [`search-${readerIds[0]}`, { type: "KeywordSearched", data: { keyword: "红楼" } }, recorded],
  ]);
  const row = eventRows.find(({ type }) => type === "KeywordSearched") as (typeof eventRows)[number];
  const writer = createTextLines("ndjson");
  const rows = createRows(false);
  const lines = log.events.map((recordedEvent) => {
    const event = createCodec().decode(recordedEvent);
    return rows(writer.line, { event, row, readerId: readerIdOf(event, row) }, undefined, {
      reader: "0af1",
      key: String,
    });
  });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { created: recorded, happened_at: searchedAt, late_seconds: 1, late: false },
    { created: recorded, happened_at: recorded, late_seconds: 0, late: false },
  ]);
});
