import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeRead, timesRead } from "../../src/commands/reading/deviceClock.ts";
import { progressDecider } from "../../src/domain/reading/progress/decider.ts";
import { places } from "../../src/projections/reading/places.ts";
import { readingTime } from "../../src/projections/reading/readingTime.ts";
import { createRowsFold } from "../../src/replay/asOf/foldStream.ts";
import { recorded } from "../domain/recorded.ts";

const now = "2026-01-01T00:00:00.000Z";
const at = (ms: number) => new Date(Date.parse(now) + ms).toISOString();
const minute = 60_000;

describe("the time of a device that is", () => {
  test.each([
    ["in the past", "2020-01-01T00:00:00Z", { readAt: "2020-01-01T00:00:00.000Z" }],
    ["right", now, { readAt: now }],
    ["five seconds ahead", at(5_000), { readAt: now }],
    ["further ahead", at(5_001), { readAt: now, readAtRaw: at(5_001) }],
    ["a year of four digits ahead", "9999-12-31T23:59:59Z", { readAt: now, readAtRaw: "9999-12-31T23:59:59.000Z" }],
  ])("%s", (_, said, time) => {
    expect(timeRead(said, now)).toEqual(time);
  });
});

test("what is sent with a time that is absurd stays an event that can be written", () => {
  const [, other] = timesRead(
    ["9999-12-31T23:59:59Z", now].map((readAt) => ({ deviceId: "phone", readAt })),
    now,
  );
  expect(other).toEqual({ readAt: "1970-01-01T00:00:00.000Z", readAtRaw: now });
});

/**
 * What a device read offline, ten seconds to ten minutes apart, and how it is sent: the sizes of the commands, and which one the
 * tablet overtakes.
 */
const offlineReading = fc.record({
  aheadMs: fc.constantFrom(0, 3_000, 7 * minute, 60 * minute, 3 * 24 * 60 * minute),
  read: fc.array(
    fc.record({
      bookId: fc.constantFrom("hongloumeng0", "xiyouji00000"),
      afterMs: fc.integer({ min: 10_000, max: 10 * minute }),
    }),
    { minLength: 1, maxLength: 60 },
  ),
  sizes: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 60, maxLength: 60 }),
  overtaken: fc.nat(10),
});

test("what was read offline ends at the last place of each book, in however many commands it comes", () => {
  fc.assert(
    fc.property(offlineReading, ({ aheadMs, read, sizes, overtaken }) => {
      const rows = createRowsFold(places);
      let state = progressDecider.initialState;
      const last = new Map<string, number>();
      let time = Date.parse(now) - read.reduce((sum, { afterMs }) => sum + afterMs, 0);
      const waiting = read.map(({ bookId, afterMs }, index) => {
        time += afterMs;
        last.set(bookId, index + 1);
        const place = { bookId, chapterId: "chapter00001", chapterNo: index + 1, offset: 0, activeSeconds: 10 };
        return { entryId: randomUUID(), ...place, deviceId: "phone", readAt: new Date(time + aheadMs).toISOString() };
      });
      for (let command = 0; waiting.length > 0; command++) {
        const sent = waiting.splice(0, sizes[command]);
        const arrived = at(command * 50);
        const times = timesRead(sent, arrived);
        const entries = sent.map((entry, index) => ({ ...entry, ...times[index]! }));
        if (command === overtaken) {
          const tablet = { ...entries[0]!, entryId: randomUUID(), chapterNo: 999, deviceId: "tablet" };
          entries.push({ ...tablet, readAt: arrived });
        }
        const events = progressDecider.decide({ type: "RecordProgress", entries }, state);
        if (!Array.isArray(events)) throw new Error("refused");
        state = progressDecider.fold!(state, events);
        for (const event of events) {
          expect(event.data.readAt <= arrived).toBe(true);
          rows.add(recorded(event, { stream: "progress-reader" }) as never);
        }
      }
      const onPhone = rows.rows("device_places").filter(({ device_id }) => device_id === "phone");
      expect(new Map(onPhone.map(({ book_id, chapter_no }) => [book_id, chapter_no]))).toEqual(last);
      for (const { book_id, device_id, chapter_no } of rows.rows("book_places")) {
        if (device_id === "phone") expect(chapter_no).toBe(last.get(book_id));
      }
    }),
  );
});

const aroundNow = fc.integer({ min: -3 * 60 * minute, max: 3 * 60 * minute });

test("the times of each device keep their order and distances, none is later than now, and the right ones stay", () => {
  const reports = fc.array(fc.record({ deviceId: fc.constantFrom("phone", "tablet"), readAt: aroundNow.map(at) }));
  fc.assert(
    fc.property(reports, (reported) => {
      const times = timesRead(reported, now);
      for (const device of ["phone", "tablet"]) {
        const moved = reported.flatMap(({ deviceId, readAt }, index) =>
          deviceId === device ? [Date.parse(readAt) - Date.parse(times[index]!.readAt)] : [],
        );
        const latest = Math.max(
          ...reported.flatMap((one) => (one.deviceId === device ? [Date.parse(one.readAt)] : [])),
        );
        expect(new Set(moved)).toEqual(new Set(moved.length === 0 ? [] : [Math.max(0, latest - Date.parse(now))]));
      }
    }),
  );
});

test("of a device that reports each time alone the later one never comes before the earlier one", () => {
  fc.assert(
    fc.property(aroundNow, fc.nat(minute), fc.nat(minute), (reported, later, waited) => {
      const first = timeRead(at(reported), now).readAt;
      expect(timeRead(at(reported + later), at(waited)).readAt >= first).toBe(true);
    }),
  );
});

test.each([
  ["right", 0],
  ["seven minutes ahead", 7 * minute],
  ["an hour ahead", 60 * minute],
])("half an hour read offline by a clock that is %s counts whole, and ends at its last chapter", (_, ahead) => {
  const [rows, time] = [createRowsFold(places), createRowsFold(readingTime)];
  const reported = Array.from({ length: 30 }, (_, index) => at(ahead - (29 - index) * minute));
  const times = timesRead(
    reported.map((readAt) => ({ deviceId: "phone", readAt })),
    now,
  );
  for (const [index, readAt] of times.entries()) {
    const place = { bookId: "hongloumeng0", chapterId: "chapter00001", chapterNo: index + 1, offset: 0 };
    const data = { entryId: randomUUID(), ...place, activeSeconds: 60, deviceId: "phone", ...readAt };
    const event = recorded({ type: "ReadingProgressed", data }, { stream: "progress-reader" });
    rows.add(event as never);
    time.add(event as never);
  }
  expect(rows.rows("book_places")).toMatchObject([{ chapter_no: 30 }]);
  expect(rows.rows("device_places")).toMatchObject([{ chapter_no: 30 }]);
  expect(time.rows("reading_slots").reduce((sum, { seconds }) => sum + seconds, 0)).toBe(1_800);
});
