import { expect, test } from "vitest";
import { cautionAfter } from "../../../src/projections/engine/builds/fill/caution.ts";
import { createSegmentSize } from "../../../src/projections/engine/builds/fill/segmentSize.ts";

test("a segment has no limit until one is refused, and grows again with each that is written", () => {
  const size = createSegmentSize();
  expect(size.limit()).toBe(Number.POSITIVE_INFINITY);
  expect(size.written(5)).toBe(true);
  expect(size.limit()).toBe(Number.POSITIVE_INFINITY);
  size.refused(1_000);
  expect(size.limit()).toBe(125);
  size.refused(125);
  expect(size.limit()).toBe(16);
  expect(size.written(16)).toBe(true);
  expect(size.limit()).toBe(128);
  // Nothing was folded: no event is proven harmless.
  expect(size.written(0)).toBe(false);
});

test("a refused segment shrinks to one event, and no further", () => {
  const size = createSegmentSize();
  for (const events of [3, 1, 0]) {
    size.refused(events);
    expect(size.limit()).toBe(1);
  }
});

test("after deaths segments stay small until the suspected events are written", () => {
  // The third start has segments of 10,000 events, the fourth ones of 313, and suspects the first 10,000 events.
  const size = createSegmentSize(cautionAfter({ starts: 4, startsHere: 4 }));
  for (let written = 313; written < 10_000; written += 313) {
    expect(size.written(313)).toBe(false);
    expect(size.limit()).toBe(313);
  }
  expect(size.written(313)).toBe(true);
  expect(size.limit()).toBe(8 * 313);
  expect(size.written(100)).toBe(true);
});

test("a quarantined event is the only one that is suspected", () => {
  const size = createSegmentSize(cautionAfter({ starts: 8, startsHere: 2 }));
  expect([size.limit(), size.isQuarantined()]).toEqual([1, true]);
  expect(size.written(1)).toBe(true);
  expect([size.limit(), size.isQuarantined()]).toEqual([8, false]);
});
