import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HeimaEvent } from "../../../src/domain/events.ts";
import { dayOf, heat } from "../../../src/projections/heat/heat.ts";
import { type Given, given } from "../../support/readModel.ts";

const book = "hongloumeng0";
const day = (number: number, time = "12:00:00.000") => new Date(`2026-03-${String(number).padStart(2, "0")}T${time}Z`);

const shelves = (reader: string, created: Date): Given => [
  `shelf-${reader}`,
  { type: "BookAddedToShelf", data: { bookId: book } },
  created,
];
const reads = (reader: string, readAt: Date, created: Date): Given => {
  const place = { entryId: randomUUID(), bookId: book, chapterId: "chapter00001", chapterNo: 1, offset: 0 };
  const data = { ...place, readAt: readAt.toISOString(), activeSeconds: 60, deviceId: "phone" };
  return [`progress-${reader}`, { type: "ReadingProgressed", data } satisfies HeimaEvent, created];
};

const pointsOf = (...events: readonly Given[]) =>
  given(heat, ...events)
    .rows("heat_days")
    .map(({ day, reader_id }) => [day - dayOf(new Date("2026-03-01")), reader_id]);

test("a reader counts once per book and day, in UTC", () => {
  expect(
    pointsOf(
      shelves("lin", day(2, "00:00:00.000")),
      reads("lin", day(2, "23:59:59.999"), day(2, "23:59:59.999")),
      reads("lin", day(3, "00:00:00.000"), day(3)),
      reads("wang", day(3), day(3)),
    ),
  ).toEqual([
    [1, "lin"],
    [2, "lin"],
    [2, "wang"],
  ]);
});

test("what was read offline counts on its own day, and nothing counts in the future", () => {
  expect(pointsOf(reads("lin", day(2), day(5)), reads("wang", day(9), day(5)))).toEqual([
    [1, "lin"],
    [4, "wang"],
  ]);
});

test("late and repeated events in any order make the same heat", () => {
  const event = fc
    .record({ reader: fc.constantFrom("lin", "wang"), read: fc.integer({ min: 1, max: 9 }), late: fc.nat(5) })
    .map(({ reader, read, late }) => reads(reader, day(read), day(read + late)));
  const orders = fc
    .array(event, { minLength: 1, maxLength: 12 })
    .chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: events.length })),
    );
  fc.assert(
    fc.property(orders, ([events, mixed]) => {
      expect(pointsOf(...mixed, ...events)).toEqual(pointsOf(...events));
    }),
  );
});

test("opening a book counts as reading it does, and a corrected entry counts on one day", () => {
  const opened = { bookId: book, visit: 1, openedAt: day(2).toISOString(), forgotten: null };
  const entry = { entryId: randomUUID(), bookId: book, chapterId: "chapter00001", chapterNo: 1, offset: 0 };
  const corrected = (number: number): Given => [
    "progress-wang",
    {
      type: "ReadingProgressed",
      data: {
        ...entry,
        activeSeconds: 60,
        deviceId: "phone",
        readAt: day(number).toISOString(),
        readAtRaw: "2027-01-01T00:00:00.000Z",
      },
    },
    day(number),
  ];
  const events: Given[] = [["history-lin", { type: "BookOpened", data: opened }, day(2)], corrected(3), corrected(4)];
  expect(pointsOf(...events)).toEqual([
    [1, "lin"],
    [2, "wang"],
  ]);
});

test("an erased reader takes the own part of the heat along, whatever a scavenge has left", () => {
  const erased: Given = ["account-lin", { type: "ReaderErased", data: {} }, day(9)];
  const events = [shelves("lin", day(2)), reads("wang", day(2), day(2)), reads("lin", day(3), day(3))];
  expect(pointsOf(...events, erased)).toEqual([[1, "wang"]]);
  expect(pointsOf(...events.slice(1, 2), erased)).toEqual([[1, "wang"]]);
});
