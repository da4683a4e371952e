import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { progressDecider, rememberedEntries } from "../../src/domain/reading/progress/decider.ts";
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
    expect(known.size).toBe(rememberedEntries);
    expect(decide(record([entry(1), entry(2)]), known)).toEqual([event(1)]);
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

test("the state is the same, folded from the beginning or from the window", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: 1, max: 100 }), (count, size) => {
      const events = numbers(1, count).map(event);
      let whole = initialState;
      for (let from = 0; from < events.length; from += size)
        whole = fold?.(whole, events.slice(from, from + size)) ?? whole;
      const windowed = fold?.(initialState, events.slice(-rememberedEntries));
      expect([...whole]).toEqual([...(windowed ?? [])]);
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
