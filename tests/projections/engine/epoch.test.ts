import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RecordedEvent } from "../../../src/event-store/types.ts";
import type { Batch } from "../../../src/projections/engine/batch.ts";
import type { Build } from "../../../src/projections/engine/build.ts";
import { accept, cutRipe, type Epoch, noteApplied, openEpoch } from "../../../src/projections/engine/dispatch/epoch.ts";
import { partitionOf } from "../../../src/projections/engine/partition.ts";
import { added, point, readersByPartition, recorded, tallyOf } from "../fixtures.ts";

const partitions = 3;
const build: Build = { readModel: tallyOf("tally"), number: 1, partitions, schema: "tally_v1_b1" };
const timing = { linger: 20, idle: 1_000 };
const [a = "", b = "", c = ""] = readersByPartition(partitions);

const cut = (epoch: Epoch, now: number) => cutRipe(epoch, now, timing);
const shapes = (batches: readonly Batch[]) =>
  batches.map(({ partition, after, upTo, events }) => [
    partition,
    after,
    upTo.position,
    events.map(({ position }) => position),
  ]);

describe("an epoch's first batch begins in every partition where the subscription was opened", () => {
  test("also in partitions that had come further", () => {
    const epoch = openEpoch("epoch", build, 700n);
    noteApplied(epoch, 1, 850n);
    accept(epoch, added(900n, a), 0);
    accept(epoch, added(910n, b), 0);
    accept(epoch, added(920n, c), 0);
    expect(shapes(cut(epoch, 0))).toEqual([
      [0, 700n, 900n, [900n]],
      [1, 700n, 910n, [910n]],
      [2, 700n, 920n, [920n]],
    ]);
  });
});

describe("a partition's later batches begin where the one before ended", () => {
  test("`after` moves when a batch is cut, before anybody applied it", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, added(0n, a), 0);
    expect(shapes(cut(epoch, 0))).toEqual([[0, -1n, 0n, [0n]]]);
    accept(epoch, added(10n, a), 5);
    accept(epoch, added(20n, b), 5);
    expect(shapes(cut(epoch, 5 + timing.linger))).toEqual([
      [0, 0n, 10n, [10n]],
      [1, -1n, 20n, [20n]],
    ]);
  });
});

describe("a batch is cut", () => {
  test("at once for a partition that has applied all it was sent, after `linger` for a busy one", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, added(0n, a), 0);
    expect(cut(epoch, 0)).toHaveLength(1);
    accept(epoch, added(10n, a), 1);
    expect(cut(epoch, timing.linger)).toEqual([]);
    expect(cut(epoch, 1 + timing.linger)).toHaveLength(1);
    accept(epoch, added(20n, a), 30);
    noteApplied(epoch, 0, 10n);
    expect(cut(epoch, 30)).toHaveLength(1);
  });

  test("at 500 events, full ones at once and the rest when it is ripe", () => {
    const epoch = openEpoch("epoch", build, -1n);
    for (let position = 0n; position < 1_100n; position++) accept(epoch, added(position, a), 0);
    const batches = cut(epoch, 0);
    expect(batches.map(({ events }) => events.length)).toEqual([500, 500]);
    expect(cut(epoch, timing.linger).map(({ events }) => events.length)).toEqual([100]);
    expect(epoch.buffered).toBe(0);
  });

  test("at a MiB of data, and holds at least one event however large", () => {
    const epoch = openEpoch("epoch", build, -1n);
    const sizes = [400, 400, 400, 2_000, 10];
    for (const [index, kilobytes] of sizes.entries()) {
      const data = { bookId: "x".repeat(kilobytes * 1_024) };
      accept(epoch, recorded(BigInt(index), `shelf-${a}`, { type: "BookAddedToShelf", data }), 0);
    }
    const batches = [0, 1, 2, 3, 4].flatMap((turn) => cut(epoch, turn * timing.linger));
    expect(batches.map(({ events }) => events.length)).toEqual([2, 1, 1, 1]);
  });
});

describe("an idle partition gets an empty batch up to the last delivered event", () => {
  test("when it has been behind for `idle`", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, added(10n, a), 0);
    accept(epoch, added(11n, a), 5);
    cut(epoch, 5);
    expect(cut(epoch, timing.idle - 1)).toEqual([]);
    const behind = [
      [1, -1n, 11n, []],
      [2, -1n, 11n, []],
    ];
    expect(shapes(cut(epoch, timing.idle))).toEqual(behind);
    expect(cut(epoch, 10 * timing.idle)).toEqual([]);
  });

  test("at once when 5,000 events went to others", () => {
    const epoch = openEpoch("epoch", build, -1n);
    for (let position = 0n; position < 4_999n; position++) accept(epoch, added(position, a), 0);
    accept(epoch, added(4_999n, b), 0);
    expect(cut(epoch, 0).some(({ partition }) => partition === 2)).toBe(true);
    const second = openEpoch("epoch", build, -1n);
    for (let position = 0n; position < 4_999n; position++) accept(second, added(position, a), 0);
    expect(cut(second, 0).some(({ partition }) => partition !== 0)).toBe(false);
  });
});

describe("an event without a partition key", () => {
  test("goes to every partition", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, recorded(7n, "book-hongloumeng0", { type: "BookRetired", data: {} }), 0);
    expect(shapes(cut(epoch, 0))).toEqual([
      [0, -1n, 7n, [7n]],
      [1, -1n, 7n, [7n]],
      [2, -1n, 7n, [7n]],
    ]);
  });
});

type Turn =
  | { readonly kind: "event"; readonly reader: number }
  | { readonly kind: "everywhere" }
  | { readonly kind: "applied" }
  | { readonly kind: "wait" };
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("event" as const), reader: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "everywhere" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "applied" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "wait" } as const) },
);

test("whatever comes and whenever it is cut, each partition's batches are an unbroken epoch of exactly its events", () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 200 }), fc.nat(1_000), (turns, opened) => {
      const from = BigInt(opened) - 1n;
      const epoch = openEpoch("epoch", build, from);
      const owed: RecordedEvent[][] = Array.from({ length: partitions }, () => []);
      const batches: Batch[][] = Array.from({ length: partitions }, () => []);
      let now = 0;
      let position = from;
      const collect = () => {
        for (const batch of cut(epoch, now)) batches[batch.partition]?.push(batch);
      };
      for (const step of turns) {
        if (step.kind === "wait") now += 15;
        else if (step.kind === "applied") noteApplied(epoch, 0, batches[0]?.at(-1)?.upTo.position ?? from);
        else {
          position += 3n;
          const reader = step.kind === "event" ? `reader${step.reader}` : undefined;
          const event =
            reader === undefined
              ? recorded(position, "book-hongloumeng0", { type: "BookRetired", data: {} })
              : added(position, reader);
          accept(epoch, event, now);
          const own = reader === undefined ? undefined : partitionOf(reader, partitions);
          for (const [partition, events] of owed.entries())
            if (own === undefined || own === partition) events.push(event);
        }
        collect();
      }
      now += timing.idle;
      collect();
      now += timing.idle;
      collect();
      for (const [partition, links] of batches.entries()) {
        expect(links.flatMap(({ events }) => events)).toEqual(owed[partition]);
        let after = from;
        for (const link of links) {
          expect(link.after).toBe(after);
          for (const event of link.events) expect(event.position > after).toBe(true);
          expect(link.upTo.position >= (link.events.at(-1)?.position ?? after)).toBe(true);
          after = link.upTo.position;
        }
        if (position > from) expect(links.at(-1)?.upTo).toEqual(point(position));
      }
    }),
    { numRuns: 200 },
  );
});
