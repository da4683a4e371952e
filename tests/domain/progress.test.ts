import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KnownPlace, progressDecider, rememberedEntries } from "../../src/domain/reading/progress/decider.ts";
import type { ProgressEntry, ProgressEvent } from "../../src/domain/reading/progress/events.ts";
import { createCodec, InvalidEvent } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";

const { initialState, evolve, fold, decide } = progressDecider;
const entryId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const entry = (number: number): ProgressEntry => ({
  entryId: entryId(number),
  bookId: "hongloumeng0",
  chapterId: "chapter00001",
  chapterNo: 1,
  offset: 10,
  readAt: "2026-01-01T00:00:00.000Z",
  activeSeconds: 60,
  deviceId: "phone",
});
const event = (number: number): ProgressEvent => ({ type: "ReadingProgressed", data: entry(number) });
const read = (number: number, more: Partial<ProgressEntry>): ProgressEvent => ({
  type: "ReadingProgressed",
  data: { ...entry(number), ...more },
});
const record = (entries: readonly ProgressEntry[]) => ({ type: "RecordProgress", entries }) as const;
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

describe("an entry", () => {
  test("is recorded with all that is said of it", () => {
    expect(decide(record([entry(1)]), initialState)).toEqual([event(1)]);
  });

  test("that is known is ignored, whatever is said of it", () => {
    const known = evolve(initialState, event(1));
    expect(decide(record([{ ...entry(1), offset: 99, readAt: "2027-01-01T00:00:00.000Z" }]), known)).toEqual([]);
  });

  test("that a batch has twice is recorded as it was said first", () => {
    expect(decide(record([entry(1), entry(2), { ...entry(1), offset: 11 }]), initialState)).toEqual([
      event(1),
      event(2),
    ]);
  });

  test("is known among the last 500", () => {
    const known = numbers(1, 501).map(event).reduce(evolve, initialState);
    expect(known.ids.size).toBe(rememberedEntries);
    expect(decide(record([entry(1), entry(2)]), known)).toEqual([event(1)]);
  });
});

describe("the last entry of a book in a command, from a clock that is ahead,", () => {
  const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`;
  const ahead = (minute: number) => `2026-01-04T00:${String(minute).padStart(2, "0")}:00.000Z`;
  const before = evolve(initialState, read(1, { readAt: at(50), readAtRaw: ahead(10) }));
  const timesOf = (entries: readonly ProgressEntry[], state = before) =>
    (decide(record(entries), state) as readonly ProgressEvent[]).map(({ data }) => [data.readAt, data.readAtRaw]);
  const sent = (number: number, minute: number, more: Partial<ProgressEntry> = {}) => ({
    ...entry(number),
    readAt: at(minute),
    readAtRaw: ahead(minute - 25),
    ...more,
  });

  test("comes after those that its device read before it; the others keep their times", () => {
    const entries = [sent(2, 39), sent(3, 40), sent(4, 41, { bookId: "xiyouji00000" })];
    const second = "2026-01-01T00:50:00.001Z";
    expect(timesOf(entries)).toEqual([
      [at(39), ahead(14)],
      [second, ahead(15)],
      [at(41), ahead(16)],
    ]);
    const then = fold?.(before, decide(record(entries), before) as readonly ProgressEvent[]);
    expect(timesOf([sent(5, 50, { readAtRaw: ahead(16) })], then)).toEqual([["2026-01-01T00:50:00.002Z", ahead(16)]]);
  });

  test("comes after an earlier one whose time was not corrected", () => {
    const right = evolve(initialState, read(1, { readAt: at(50) }));
    expect(timesOf([sent(2, 40)], right)).toEqual([["2026-01-01T00:50:00.001Z", ahead(15)]]);
  });

  test("comes after its device's earlier one, though another device has read the book since", () => {
    const since = evolve(before, read(9, { readAt: at(55), deviceId: "tablet" }));
    expect(timesOf([sent(2, 40)], since)).toEqual([["2026-01-01T00:50:00.001Z", ahead(15)]]);
  });

  test.each([
    ["is later already", sent(2, 51), before],
    ["was read before them", sent(2, 40, { readAtRaw: ahead(9) }), before],
    ["was not corrected", { ...entry(2), readAt: at(40) }, before],
    ["is of another device", sent(2, 40, { deviceId: "tablet" }), before],
    ["is of another book", sent(2, 40, { bookId: "xiyouji00000" }), before],
  ])("keeps its time if it %s", (_, one, state) => {
    expect(timesOf([one], state)).toEqual([[one.readAt, one.readAtRaw]]);
  });
});

test("entries in any order, repeated in any mixture, in any batches, are recorded once each", () => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 100 }), { maxLength: 20 });
  fc.assert(
    fc.property(batches, (sent) => {
      let known = initialState;
      const written: string[] = [];
      for (const batch of sent) {
        const events = decide(record(batch.map(entry)), known) as readonly ProgressEvent[];
        written.push(...events.map(({ data }) => data.entryId));
        known = fold?.(known, events) ?? known;
      }
      expect(written).toHaveLength(new Set(written).size);
      expect(new Set(written)).toEqual(new Set(sent.flat().map(entryId)));
    }),
  );
});

/** An entry in one of three books, on one of two devices, read at one of many times. */
const someEntry = fc.record({
  deviceId: fc.constantFrom("phone", "tablet"),
  bookId: fc.constantFrom("hongloumeng0", "xiyouji00000", "shuihuzhuan0"),
  chapterId: fc.constantFrom("chapter00001", "chapter00002"),
  readAt: fc.integer({ min: 0, max: 5_000 }).map((ms) => new Date(ms).toISOString()),
});
const open = (more: Partial<ProgressEntry> = {}, known?: KnownPlace) =>
  ({ type: "OpenChapter", entry: { ...entry(9_999), offset: 0, ...more }, known }) as const;

describe("a chapter that is opened", () => {
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
  const known = (place: Partial<KnownPlace>) => ({ ...entry(1), ...place });

  test("becomes the latest place, unless that is in it", () => {
    const opened = [{ type: "ReadingProgressed", data: open().entry }];
    expect(decide(open(), initialState)).toEqual(opened);
    expect(decide(open(), evolve(initialState, read(1, { chapterId: "chapter00002" })))).toEqual(opened);
    expect(decide(open(), evolve(initialState, read(1, { bookId: "xiyouji00000" })))).toEqual(opened);
    expect(decide(open(), evolve(initialState, event(1)))).toEqual([]);
    const readBefore = [read(1, { readAt: at(2) }), read(2, { chapterId: "chapter00002", readAt: at(1) })];
    expect(decide(open(), readBefore.reduce(evolve, initialState))).toEqual([]);
  });

  test("is compared with a read model's place if the stream has no later one", () => {
    const elsewhere = { chapterId: "chapter00002" };
    expect(decide(open({}, known({})), initialState)).toEqual([]);
    expect(decide(open({}, known(elsewhere)), initialState)).toHaveLength(1);
    const here = evolve(initialState, read(2, { readAt: at(2) }));
    expect(decide(open({}, known({ ...elsewhere, readAt: at(1) })), here)).toEqual([]);
    expect(decide(open({}, known({ ...elsewhere, readAt: at(3) })), here)).toHaveLength(1);
    // For the same entry the read model knows its place in the published edition.
    expect(decide(open({}, known({})), evolve(initialState, read(1, elsewhere)))).toEqual([]);
  });

  test("is compared with the latest of the remembered entries, in whatever order they came", () => {
    fc.assert(
      fc.property(fc.array(someEntry, { minLength: 1, maxLength: 700 }), (entries) => {
        const events = entries.map((some, index) => read(index + 1, some));
        const state = fold?.(initialState, events) ?? initialState;
        const [latest] = events
          .slice(-rememberedEntries)
          .map(({ data }) => data)
          .filter(({ bookId }) => bookId === "hongloumeng0")
          .sort((a, b) => b.readAt.localeCompare(a.readAt) || b.entryId.localeCompare(a.entryId));
        const written = latest?.chapterId === "chapter00001" ? 0 : 1;
        expect(decide(open(), state)).toHaveLength(written);
      }),
      { numRuns: 50 },
    );
  });
});

test("the state is the same, folded from the beginning or from the window", () => {
  fc.assert(
    fc.property(fc.array(someEntry, { maxLength: 1_200 }), fc.integer({ min: 1, max: 100 }), (entries, size) => {
      const events = entries.map((some, index) => read(index + 1, some));
      let whole = initialState;
      for (let from = 0; from < events.length; from += size)
        whole = fold?.(whole, events.slice(from, from + size)) ?? whole;
      const windowed = fold?.(initialState, events.slice(-rememberedEntries));
      expect(whole).toEqual(windowed);
    }),
    { numRuns: 20 },
  );
});

describe("ReadingProgressed", () => {
  const codec = createCodec();
  const stored = `{"entryId":"${entryId(1)}","bookId":"hongloumeng0","chapterId":"chapter00001","chapterNo":1,"offset":10,
    "readAt":"2026-01-01T00:00:00.000Z","readAtRaw":"2026-01-01T08:00:00.000Z","activeSeconds":60,"deviceId":"小米"}`;

  test("is read as version 1 was written", () => {
    const data = JSON.parse(stored);
    const read = codec.decode(recorded({ type: "ReadingProgressed", data }, { schemaVersion: 1 }));
    expect(read.data).toEqual({ ...entry(1), deviceId: "小米", readAtRaw: "2026-01-01T08:00:00.000Z" });
  });

  test.each([
    { entryId: "x" },
    { bookId: "x" },
    { chapterNo: 0 },
    { chapterNo: 30_001 },
    { offset: -1 },
    { offset: 10_000_001 },
    { offset: 0.5 },
    { activeSeconds: 3_601 },
    { readAt: "yesterday" },
    { readAt: "1969-12-31T23:59:59.999Z" },
    { deviceId: "" },
    { deviceId: "字".repeat(129) },
    { deviceId: "a\0b" },
  ])("is refused with %j", (spoilt) => {
    const read = () => codec.decode(recorded({ type: "ReadingProgressed", data: { ...entry(1), ...spoilt } }));
    expect(read).toThrow(InvalidEvent);
  });
});
