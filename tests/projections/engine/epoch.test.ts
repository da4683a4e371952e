import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Batch, KeyedEvent } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { cutReady, nextReadyIn } from "../../../src/projections/engine/core/cutBatches.ts";
import { accept, type Epoch, noteApplied, openEpoch, passTo } from "../../../src/projections/engine/core/epoch.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { added, idAt, point, readersByPartition, recorded, skipOf, tallyOf } from "../fixtures.ts";

const partitions = 3;
const build: Build = { readModel: tallyOf("tally"), number: 1, partitions, name: "tally_v1_b1" };
const timing = { lingerBusy: 20, idle: 1_000 };
const [a = "", b = "", c = ""] = readersByPartition(partitions);

const cut = (epoch: Epoch, now: number) => cutReady(epoch, now, timing);
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
    expect(shapes(cut(epoch, 5 + timing.lingerBusy))).toEqual([
      [0, 0n, 10n, [10n]],
      [1, -1n, 20n, [20n]],
    ]);
  });
});

describe("a batch is cut", () => {
  test("at once for a partition that has applied all it was sent, after `lingerBusy` for a busy one", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, added(0n, a), 0);
    expect(cut(epoch, 0)).toHaveLength(1);
    accept(epoch, added(10n, a), 1);
    expect(cut(epoch, timing.lingerBusy)).toEqual([]);
    expect(cut(epoch, 1 + timing.lingerBusy)).toHaveLength(1);
    accept(epoch, added(20n, a), 30);
    noteApplied(epoch, 0, 10n);
    expect(cut(epoch, 30)).toHaveLength(1);
  });

  test("at 2,000 events, full ones at once and the rest when it is ready", () => {
    const epoch = openEpoch("epoch", build, -1n);
    for (let position = 0n; position < 4_100n; position++) accept(epoch, added(position, a), 0);
    const batches = cut(epoch, 0);
    expect(batches.map(({ events }) => events.length)).toEqual([2_000, 2_000]);
    expect(cut(epoch, timing.lingerBusy).map(({ events }) => events.length)).toEqual([100]);
    expect(epoch.buffered).toBe(0);
  });

  test("at a MiB of data, and holds at least one event however large", () => {
    const epoch = openEpoch("epoch", build, -1n);
    const sizes = [400, 400, 400, 2_000, 10];
    for (const [index, kilobytes] of sizes.entries()) {
      const data = { bookId: "x".repeat(kilobytes * 1_024) };
      accept(epoch, recorded(BigInt(index), `shelf-${a}`, { type: "BookAddedToShelf", data }), 0);
    }
    const batches = [0, 1, 2, 3, 4].flatMap((turn) => cut(epoch, turn * timing.lingerBusy));
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

  test("of which the one who sends them knows when: nothing is looked at meanwhile", () => {
    const epoch = openEpoch("epoch", build, -1n);
    expect(nextReadyIn(epoch, 0, timing, 0)).toBe(60_000);
    expect(accept(epoch, added(10n, a), 0)).toBe(true);
    cut(epoch, timing.lingerBusy);
    expect(nextReadyIn(epoch, 400, timing, 0)).toBe(timing.idle - 400);
    const unhandled = (position: bigint) =>
      recorded(position, `shelf-${a}`, { type: "ShelfBookPinned", data: { bookId: "hongloumeng0" } });
    // Two partitions are behind already, and the first now lingers.
    noteApplied(epoch, 0, 10n);
    expect(accept(epoch, unhandled(11n), 500)).toBe(true);
    expect(accept(epoch, unhandled(12n), 600)).toBe(false);
    cut(epoch, timing.idle);
    expect(nextReadyIn(epoch, timing.idle, timing, 0)).toBe(500);
    cut(epoch, 500 + timing.idle);
    expect(nextReadyIn(epoch, 500 + timing.idle, timing, 0)).toBe(60_000);
  });

  test("also when that is an event of another build: after `idle`, up to it, and never back", () => {
    const epoch = openEpoch("epoch", build, 5n);
    const upTo = (position: bigint) => ({ position, eventId: idAt(position) });
    expect(passTo(epoch, upTo(5n), 0)).toBe(false);
    expect(nextReadyIn(epoch, 0, timing, 0)).toBe(60_000);
    expect(passTo(epoch, upTo(8n), 0)).toBe(true);
    expect(passTo(epoch, upTo(7n), 0)).toBe(false);
    expect(nextReadyIn(epoch, 0, timing, 0)).toBe(timing.idle);
    accept(epoch, added(9n, a), 0);
    expect(shapes(cut(epoch, 0))).toEqual([[0, 5n, 9n, [9n]]]);
    expect(passTo(epoch, upTo(10n), 1)).toBe(true);
    const batches = cut(epoch, 1 + timing.idle);
    expect(shapes(batches)).toEqual([
      [0, 9n, 10n, []],
      [1, 5n, 10n, []],
      [2, 5n, 10n, []],
    ]);
    expect(batches.map((batch) => batch.upTo.eventId)).toEqual([idAt(10n), idAt(10n), idAt(10n)]);
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

describe("an idle partition that lingers", () => {
  test("is cut at the same moment as those of other builds, after half to one and a half times as long, and never beyond the linger of a busy one", () => {
    const patient = { ...timing, lingerBusy: 1_000 };
    const readyAt = (since: number, linger: number) => {
      const epoch = openEpoch("epoch", build, -1n);
      accept(epoch, added(1n, a), since);
      return since + nextReadyIn(epoch, since, patient, linger);
    };
    expect([readyAt(1_000, 100), readyAt(1_049, 100), readyAt(1_051, 100), readyAt(1_150, 100)]).toEqual([
      1_100, 1_100, 1_200, 1_200,
    ]);
    expect(readyAt(1_234.5, 0)).toBe(1_234.5);
    expect(readyAt(1_000, 10_000)).toBe(1_000 + patient.lingerBusy);
  });

  test("is cut apart from the others of its build when batches are large, and with them when they are small", () => {
    const patient = { ...timing, lingerBusy: 1_000 };
    const readyAt = (linger: number, partitions: number) => {
      const readers = readersByPartition(partitions);
      return readers.map((reader) => {
        const epoch = openEpoch("epoch", { ...build, partitions }, -1n);
        accept(epoch, added(1n, reader), 10_000);
        return nextReadyIn(epoch, 10_000, patient, linger);
      });
    };
    expect(readyAt(249, 2)[0]).toBe(readyAt(249, 2)[1]);
    expect(readyAt(400, 2)).toEqual([400, 200]);
    // Whatever the number of partitions, those of the same number are cut together.
    expect(readyAt(400, 4)).toEqual([400, 200, 500, 300]);
    expect(readyAt(400, 8).slice(0, 4)).toEqual([400, 200, 500, 300]);
    expect(new Set(readyAt(400, 8)).size).toBe(8);
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

describe("an event that only moves the cursor", () => {
  const removed = (position: bigint) =>
    recorded(position, `shelf-${a}`, { type: "BookRemovedFromShelf", data: { bookId: "hongloumeng0" } });
  const skips = (position: bigint, skipped: bigint, readModel = "tally") => skipOf(position, skipped, readModel);
  /** An empty batch of every partition up to the position. */
  const empty = (position: bigint) => [0, 1, 2].map((partition) => [partition, -1n, position, []]);

  test("is one of a known type that the read model does not handle: no partition gets it, every one comes past it", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, removed(7n), 0);
    expect(epoch.buffered).toBe(0);
    expect(cut(epoch, 0)).toEqual([]);
    expect(shapes(cut(epoch, timing.idle))).toEqual(empty(7n));
  });

  test("is not one of an unknown type: its partition must say that it is blocked", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, recorded(7n, `shelf-${a}`, { type: "BookLentToFriend", data: {} }), 0);
    expect(shapes(cut(epoch, 0))).toEqual([[0, -1n, 7n, [7n]]]);
  });

  test("is one that operators skip: known when the epoch opens, or recorded while it runs", () => {
    const epoch = openEpoch("epoch", build, -1n, new Set([idAt(3n)]));
    accept(epoch, added(3n, a), 0);
    accept(epoch, skips(4n, 5n), 0);
    accept(epoch, added(5n, a), 0);
    expect(shapes(cut(epoch, timing.idle))).toEqual(empty(5n));
    accept(epoch, added(6n, a), timing.idle);
    noteApplied(epoch, 0, 5n);
    expect(shapes(cut(epoch, timing.idle))).toEqual([[0, 5n, 6n, [6n]]]);
  });

  test("is not one that is skipped in another read model, or that another stream says to skip", () => {
    const epoch = openEpoch("epoch", build, -1n);
    accept(epoch, skips(4n, 5n, "shelf"), 0);
    accept(epoch, { ...skips(5n, 6n), id: idAt(5n), stream: "operations-scavenge" }, 0);
    accept(epoch, { ...skips(5n, 6n), data: null }, 0);
    accept(epoch, added(6n, a), 0);
    expect(shapes(cut(epoch, 0))).toEqual([[0, -1n, 6n, [6n]]]);
  });

  test("leaves what an epoch was given as skipped alone: the next one reads its own", () => {
    const skipped = new Set<string>();
    accept(openEpoch("epoch", build, -1n, skipped), skips(4n, 5n), 0);
    expect(skipped.size).toBe(0);
  });
});

type Turn =
  | { readonly kind: "event"; readonly reader: number }
  | { readonly kind: "everywhere" }
  | { readonly kind: "unhandled" }
  | { readonly kind: "skipped" }
  | { readonly kind: "applied" }
  | { readonly kind: "wait" };
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("event" as const), reader: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "everywhere" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "unhandled" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "skipped" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "applied" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "wait" } as const) },
);

test("whatever comes and whenever it is cut, each partition's batches are an unbroken epoch of exactly its events", () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 200 }), fc.nat(1_000), (turns, opened) => {
      const from = BigInt(opened) - 1n;
      const epoch = openEpoch("epoch", build, from);
      const owed: KeyedEvent[][] = Array.from({ length: partitions }, () => []);
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
          if (step.kind === "skipped") epoch.skipped.add(idAt(position));
          const reader = step.kind === "event" ? `reader${step.reader}` : undefined;
          const event =
            reader === undefined
              ? recorded(position, "book-hongloumeng0", { type: "BookRetired", data: {} })
              : added(position, reader);
          const unhandled = recorded(position, "shelf-reader0", {
            type: "BookRemovedFromShelf",
            data: { bookId: "hongloumeng0" },
          });
          accept(epoch, step.kind === "unhandled" ? unhandled : event, now);
          if (step.kind === "event" || step.kind === "everywhere") {
            const own = reader === undefined ? undefined : partitionOf(reader, partitions);
            for (const [partition, events] of owed.entries())
              if (own === undefined || own === partition) events.push({ ...event, key: reader });
          }
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
