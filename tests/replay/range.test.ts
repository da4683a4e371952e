import { createHash, createSecretKey } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createLogger } from "../../src/platform/logger.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { createDayPositions } from "../../src/replay/dayPositions.ts";
import { noDayPositions, positionBefore } from "../../src/replay/positions.ts";
import { createReaderNames } from "../../src/replay/pseudonyms.ts";
import { parseMoment, resolveRange } from "../../src/replay/range.ts";
import { freshDatabase } from "../support/database.ts";
import { at, type Logged, logOf, progressed, readerIds } from "./log.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger: createLogger("test", "silent") });
});
beforeEach(() => pool.query("TRUNCATE replay_days, replay_pseudonyms, accounts CASCADE"));
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

/** An event every six hours from 2026-11-01T00:00Z on: in China the day begins between the third and the fourth. */
const days = (count: number): Logged[] =>
  Array.from({ length: count }, (_, n) => {
    const created = new Date(Date.UTC(2026, 10, 1) + n * 6 * 3_600_000).toISOString();
    return [`progress-${readerIds[0]}`, progressed({ bookId: "hongloumeng0", readAt: created }), created];
  });

test.each([
  ["2026-11-28", { kind: "day", day: "2026-11-28" }],
  ["12345678901234567", { kind: "position", position: 12345678901234567n }],
  ["2026-11-28T08:00:00+08:00", { kind: "time", time: new Date("2026-11-28T00:00:00Z") }],
  ["2026-11-28T08:00+00:00", { kind: "time", time: new Date("2026-11-28T08:00:00Z") }],
  ["2026-11-28T08:00Z", { kind: "time", time: new Date("2026-11-28T08:00:00Z") }],
  ["2026-02-30", undefined],
  ["2026-02-30T00:00:00Z", undefined],
  ["2025-02-29T00:00:00+08:00", undefined],
  ["2026-11-28T24:00:00Z", undefined],
  ["2026-11-28T08:00:00", undefined],
  ["yesterday", undefined],
  ["-5", undefined],
])("%s is read as a moment", (text, expected) => {
  expect(parseMoment(text)).toEqual(expected);
});

const asked = (text: string) => {
  const moment = parseMoment(text);
  if (moment === undefined) throw new Error(text);
  return { text, moment };
};

test("a day counts whole at both ends, a time is a boundary, a position is taken as it is", async () => {
  const { store } = logOf(days(12));
  const range = (from?: string, to?: string) =>
    resolveRange(store, noDayPositions, { from: from ? asked(from) : undefined, to: to ? asked(to) : undefined });
  // 16:00Z is midnight in China: events 0 to 2 are before it, 3 to 6 on 2 November.
  expect(await range("2026-11-02", "2026-11-02")).toEqual({
    after: `${at(2)}`,
    upTo: `${at(6)}`,
    askedFrom: "2026-11-02",
    askedTo: "2026-11-02",
  });
  expect(await range("2026-11-01T18:00:00Z", "2026-11-02T00:00:00Z")).toMatchObject({
    after: `${at(2)}`,
    upTo: `${at(3)}`,
  });
  expect(await range("300", "700")).toEqual({ after: "300", upTo: "700", askedFrom: "300", askedTo: "700" });
  expect(await range()).toEqual({ after: null, upTo: `${at(11)}` });
  expect(await range("2026-10-01", "2027-01-01")).toMatchObject({ after: null, upTo: `${at(11)}` });
  expect(await range(undefined, "99999999")).toEqual({ after: null, upTo: `${at(11)}`, askedTo: "99999999" });
  expect(await range(`${at(11)}`, `${at(11)}`)).toMatchObject({ after: `${at(11)}`, upTo: `${at(11)}` });
  // Days after the end of the log have its last position, and are reversed nevertheless.
  for (const [from, to] of [
    ["2026-11-03", "2026-11-01"],
    ["2031-11-03", "2031-11-02"],
    ["2031-11-03T00:00:00Z", "2031-11-03T00:00:00Z"],
    ["2031-11-03T00:00:00+08:00", "2031-11-02"],
    ["700", "300"],
  ])
    await expect(range(from, to)).rejects.toThrow(`nothing lies between ${from} and ${to}`);
  expect(await range("2031-11-03", "2031-11-03")).toMatchObject({ after: `${at(11)}`, upTo: `${at(11)}` });
  await expect(range("301", "700")).rejects.toThrow("no event begins at position 301");
  expect(await range("300", "301")).toMatchObject({ after: "300", upTo: "301" });
  expect(await range("300", "300")).toMatchObject({ after: "300", upTo: "300" });
});

test("what is known of days saves reading the log, and gives the same positions", async () => {
  const { store, reads } = logOf(days(400));
  const known = createDayPositions(pool);
  const time = new Date("2027-02-01T00:00:00Z");
  const expected = await positionBefore(store, time);
  expect(expected).toBe(at(367));
  expect(await positionBefore(store, time, known)).toBe(expected);
  const before = reads();
  expect(await positionBefore(store, time, known)).toBe(expected);
  expect(reads() - before).toBeLessThan(10);
  for (const day of ["2026-11-01", "2026-11-05", "2026-12-31"]) {
    const begin = new Date(`${day}T00:00:00+08:00`);
    expect(await positionBefore(store, begin, known), day).toBe(await positionBefore(store, begin));
  }
});

test("a day before or after all others that Postgres knows is one before or after the log", async () => {
  const { store } = logOf(days(12));
  const known = createDayPositions(pool);
  for (const day of ["0000-01-01", "0001-01-01", "1969-12-31"]) {
    expect(await positionBefore(store, new Date(`${day}T00:00:00+08:00`), known), day).toBeUndefined();
  }
  for (const time of ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"]) {
    expect(await positionBefore(store, new Date(time), known), time).toBe(at(11));
  }
});

test("looking for a day says how far it is, and an interruption ends it", async () => {
  const { store, reads } = logOf(days(400));
  const told: unknown[] = [];
  const onSearchProgress = (progress: unknown) => told.push(progress);
  const to = asked("2027-02-01");
  await resolveRange(store, noDayPositions, { from: undefined, to }, { onSearchProgress });
  expect(told).toEqual([{ what: "where 2027-02-01 ends", events: 1, position: at(0), upTo: at(399) }]);
  const before = reads();
  const stop = new AbortController();
  const interrupt = () => stop.abort(new Error("interrupted"));
  const stopped = resolveRange(
    store,
    noDayPositions,
    { from: to, to: undefined },
    { signal: stop.signal, onSearchProgress: interrupt },
  );
  await expect(stopped).rejects.toThrow("interrupted");
  expect(reads() - before).toBe(1);
});

test("what is known of another log is forgotten", async () => {
  const known = createDayPositions(pool);
  await known.note("2026-11-01", 12_345n);
  const { store } = logOf(days(12));
  expect(await positionBefore(store, new Date("2026-11-02T00:00:00Z"), known)).toBe(at(3));
  expect((await pool.query("SELECT FROM replay_days WHERE before_position = 12345")).rowCount).toBe(0);
});

test("a reader who is marked as erased gets no pseudonym", async () => {
  const [one = "", other = ""] = readerIds;
  await pool.query(
    "INSERT INTO accounts (reader_id, openid, registered_at, erased_at) VALUES ($1, NULL, now(), now())",
    [one],
  );
  const key = createSecretKey(createHash("sha256").update("k1").digest());
  const names = await createReaderNames(pool, [{ kid: "k1", key }], null).of([one, other]);
  expect([...names.keys()]).toEqual([other]);
});
