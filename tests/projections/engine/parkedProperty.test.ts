import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordedEvent } from "../../../src/event-store/types.ts";
import { readModels } from "../../../src/projections/registry.ts";
import { recorded } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { parkingWorld } from "./parkingWorld.ts";

const runs = Number(process.env.TEST_RUNS ?? 20);

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

/** Those whose events without a key change rows: such an event is applied again after the parked events that it has overtaken. */
const findingRows = readModels.filter(({ on }) => Object.values(on).some((handler) => handler?.finds !== undefined));

const reader = fc.constantFrom("lin", "wang", "zhao");
const bookId = fc.constantFrom("hongloumeng0", "xiyouji00000", "sanguoyanyi0");
const ofShelf = fc
  .tuple(fc.constantFrom("BookAddedToShelf", "BookRemovedFromShelf"), bookId)
  .map(([type, book]) => ["shelf", { type, data: { bookId: book } }] as const);
const ofHistory = bookId.map(
  (book) =>
    ["history", { type: "BookOpened", data: { bookId: book, visit: 1, openedAt: day(1), forgotten: null } }] as const,
);
/** A repeated entry, of which the reported time may have been replaced. */
const ofProgress = fc
  .tuple(bookId, fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.boolean())
  .map(([book, entry, number, isRaw]) => {
    const place = { entryId: entry, bookId: book, chapterId: "chapter00001", chapterNo: 1, offset: 0 };
    const times = { readAt: day(number), ...(isRaw && { readAtRaw: "2027-01-01T00:00:00.000Z" }) };
    return [
      "progress",
      { type: "ReadingProgressed", data: { ...place, ...times, activeSeconds: 60, deviceId: "phone" } },
    ] as const;
  });
const erasure = fc.constant(["account", { type: "ReaderErased", data: {} }] as const);
const day = (number: number) => `2026-01-0${number}T00:00:00.000Z`;

/** Logs without events of a reader after the erasure. Ids of entries are UUIDs that no two readers share. */
const logs = fc
  .array(fc.tuple(reader, fc.oneof(ofShelf, ofHistory, ofProgress, erasure)), {
    minLength: 1,
    maxLength: 30,
    size: "max",
  })
  .map((pairs) => {
    const erased = new Set<string>();
    return pairs.flatMap(([of, [category, event]], index): RecordedEvent[] => {
      if (erased.has(of)) return [];
      if (category === "account") erased.add(of);
      const data = "entryId" in event.data ? { ...event.data, entryId: entryOf(of, event.data.entryId) } : event.data;
      return [recorded(BigInt(10 * index), `${category}-${of}`, { type: event.type, data })];
    });
  });
const entryOf = (of: string, entry: number) => `00000000-0000-4000-8000-000000${of.charCodeAt(0)}00${entry}`;

test.each(findingRows)(
  "$name: whatever is refused, and retried in whatever order, all ends as if nothing had been; and verify finds nothing at any time",
  async (readModel) => {
    let parked = 0;
    const steps = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(logs, fc.array(fc.nat(24), { maxLength: 5 }), steps, async (events, refused, retries) => {
        const bad = new Set<bigint>();
        const here = parkingWorld(store, readModel, events, bad);
        const whole = await here.filled();
        for (const index of refused) bad.add(BigInt(10 * index));
        const build = await here.fed();
        parked += (await store.store.parkedKeys(build)).length;
        expect(await here.verified(build)).toEqual([]);
        const retryOne = async (which: number) => {
          const keys = await store.store.parkedKeys(build);
          const one = keys[which % Math.max(1, keys.length)];
          if (one === undefined) return false;
          await here.retry(build, one.key);
          return true;
        };
        for (const [mended, which] of retries) {
          bad.delete([...bad][mended % Math.max(1, bad.size)] ?? -1n);
          await retryOne(which);
          expect(await here.verified(build)).toEqual([]);
        }
        bad.clear();
        while (await retryOne(retries.length));
        expect(await here.rows(build)).toEqual(await here.rows(whole));
        for (const one of [build, whole]) await store.store.drop(one);
      }),
      { numRuns: runs },
    );
    expect(parked).toBeGreaterThan(0);
  },
  120_000,
);
