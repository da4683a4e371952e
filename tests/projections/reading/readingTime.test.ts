import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HeimaEvent } from "../../../src/domain/events.ts";
import { readingTime } from "../../../src/projections/reading/readingTime.ts";
import { slotSeconds } from "../../../src/projections/reading/seconds.ts";
import { given } from "../../support/readModel.ts";

type Progressed = Extract<HeimaEvent, { type: "ReadingProgressed" }>;

const begin = Date.UTC(2026, 2, 2);

const entry = fc
  .record({
    device: fc.constantFrom("phone", "tablet"),
    book: fc.constantFrom("hongloumeng0", "xiyouji00000"),
    chapter: fc.constantFrom("chapter00001", "chapter00002"),
    offset: fc.nat(50),
    atSecond: fc.nat(7_200),
    seconds: fc.nat(3_600),
  })
  .map(
    ({ device, book, chapter, offset, atSecond, seconds }): Progressed => ({
      type: "ReadingProgressed",
      data: {
        entryId: randomUUID(),
        bookId: book,
        chapterId: chapter,
        chapterNo: 1,
        offset,
        deviceId: device,
        readAt: new Date(begin + atSecond * 1_000).toISOString(),
        activeSeconds: seconds,
      },
    }),
  );

/** Second by second, independent of the read model's own code. */
function secondsBySlot(events: readonly Progressed[]): Map<number, number> {
  const seconds = new Set<number>();
  for (const { data } of events) {
    const end = Date.parse(data.readAt) / 1000;
    for (let second = end - data.activeSeconds; second < end; second++) seconds.add(second);
  }
  const slots = new Map<number, number>();
  for (const second of seconds) {
    const slot = Math.floor(second / slotSeconds);
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
  }
  return slots;
}

test("entries in any order, repeated in any mixture, from any device, count each second once", () => {
  const orders = fc.array(entry, { minLength: 1, maxLength: 12 }).chain((events) =>
    fc.record({
      events: fc.constant(events),
      mixed: fc.shuffledSubarray([...events, ...events], { minLength: events.length }),
    }),
  );
  fc.assert(
    fc.property(orders, ({ events, mixed }) => {
      const rowsOf = (all: readonly Progressed[]) =>
        given(readingTime, ...all.map((one) => ["progress-lin", one] as const));
      const seen = rowsOf(events);
      const slots = seen.rows("reading_slots");
      expect(new Map(slots.map(({ slot, seconds }) => [slot, seconds]))).toEqual(secondsBySlot(events));
      const again = rowsOf([...mixed, ...events]);
      expect(again.rows("reading_slots")).toEqual(slots);
      expect(again.rows("chapters_read")).toEqual(seen.rows("chapters_read"));
      for (const { book_id, chapter_id, offset_reached, reached_at } of seen.rows("chapters_read")) {
        const there = events.filter(({ data }) => data.bookId === book_id && data.chapterId === chapter_id);
        expect(offset_reached).toBe(Math.max(...there.map(({ data }) => data.offset)));
        const first = there.filter(({ data }) => data.offset === offset_reached).map(({ data }) => data.readAt);
        expect(reached_at.toISOString()).toBe(first.sort()[0]);
      }
    }),
    { numRuns: 60 },
  );
});

test("an entry whose time was corrected, repeated after it was forgotten, counts once", () => {
  const first = {
    entryId: randomUUID(),
    bookId: "hongloumeng0",
    chapterId: "chapter00001",
    chapterNo: 1,
    offset: 9,
  };
  const at = (readAt: string, more = {}): Progressed => ({
    type: "ReadingProgressed",
    data: { ...first, deviceId: "phone", activeSeconds: 60, readAt, ...more },
  });
  const corrected = at("2026-03-02T08:01:00.000Z", { readAtRaw: "2027-01-01T00:00:00.000Z" });
  const repeated = at("2026-03-02T09:01:00.000Z", { readAtRaw: "2027-01-01T00:00:00.000Z" });
  const seen = given(readingTime, ["progress-lin", corrected], ["progress-lin", repeated], ["progress-lin", corrected]);
  expect(seen.rows("reading_slots")).toMatchObject([{ ranges: "0-60", seconds: 60 }]);
});
