import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProgressEntry } from "../../src/domain/reading/progress/events.ts";
import { places } from "../../src/projections/reading/places.ts";
import { type Given, given } from "../support/readModel.ts";

const entryId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const books = ["hongloumeng0", "xiyouji00000"] as const;
const entry = (number: number, minute: number, more: Partial<ProgressEntry> = {}): ProgressEntry => ({
  entryId: entryId(number),
  bookId: books[0],
  chapterId: "chapter00001",
  chapterNo: 1,
  offset: number,
  readAt: at(minute),
  activeSeconds: 60,
  deviceId: "phone",
  ...more,
});
const progressed = (data: ProgressEntry): Given => ["progress-lin", { type: "ReadingProgressed", data }];
const rowsOf = (...entries: ProgressEntry[]) => {
  const seen = given(places, ...entries.map(progressed));
  return [seen.rows("device_places"), seen.rows("book_places"), seen.rows("adjusted_entries")] as const;
};

test("each device has its latest place in each book, and each book the latest of all", () => {
  const [devices, inBooks] = rowsOf(
    entry(1, 5),
    entry(2, 3),
    entry(3, 4, { deviceId: "tablet" }),
    entry(4, 9, { bookId: books[1] }),
  );
  expect(devices.map(({ book_id, device_id, chapter_offset }) => [book_id, device_id, chapter_offset])).toEqual([
    [books[0], "phone", 1],
    [books[0], "tablet", 3],
    [books[1], "phone", 4],
  ]);
  expect(inBooks.map(({ book_id, chapter_offset }) => [book_id, chapter_offset])).toEqual([
    [books[0], 1],
    [books[1], 4],
  ]);
});

test("of two places of the same time the one of the greater entry id counts", () => {
  expect(rowsOf(entry(1, 5), entry(2, 5))).toEqual(rowsOf(entry(2, 5), entry(1, 5)));
  expect(rowsOf(entry(2, 5), entry(1, 5))[1]).toMatchObject([{ entry_id: entryId(2) }]);
});

describe("an entry whose time was corrected", () => {
  const first = entry(1, 5, { readAtRaw: at(90) });

  test("counts as it was accepted first, however late it is repeated", () => {
    const later = entry(2, 20, { deviceId: "tablet" });
    const once = rowsOf(first, later);
    expect(rowsOf(first, later, { ...first, readAt: at(60) })).toEqual(once);
    const { readAtRaw, ...uncorrected } = first;
    expect(rowsOf(first, later, { ...uncorrected, readAt: at(90) })).toEqual(once);
  });
});

/** Entries of few books, devices and minutes, so that they collide; the content of an entry follows from its number. */
const anyEntries = fc.uniqueArray(
  fc.record({
    number: fc.integer({ min: 1, max: 99 }),
    minute: fc.integer({ min: 0, max: 5 }),
    bookId: fc.constantFrom(...books),
    deviceId: fc.constantFrom("phone", "tablet", "web"),
  }),
  { selector: ({ number }) => number, maxLength: 30 },
);

test("entries in any order, repeated in any mixture, from any device, make the same rows", () => {
  const mixtures = anyEntries.chain((entries) =>
    fc.tuple(
      fc.constant(entries),
      fc.array(fc.nat({ max: Math.max(0, entries.length - 1) }), { maxLength: 60 }),
      fc.shuffledSubarray(entries, { minLength: entries.length }),
    ),
  );
  fc.assert(
    fc.property(mixtures, ([entries, repeats, shuffled]) => {
      const made = ({ number, minute, ...more }: (typeof entries)[number]) => entry(number, minute, more);
      const mixture = [...shuffled, ...repeats.flatMap((index) => entries[index] ?? [])];
      expect(rowsOf(...mixture.map(made))).toEqual(rowsOf(...entries.map(made)));
    }),
  );
});
