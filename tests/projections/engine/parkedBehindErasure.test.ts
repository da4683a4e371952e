import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InvalidPosition } from "../../../src/event-store/errors.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { collected } from "../../../src/projections/collected/collected.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { createParkedEvents } from "../../../src/projections/engine/parked/parkedEvents.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import { heat } from "../../../src/projections/heat/heat.ts";
import { logger, recorded, skipOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { parkingWorld, partitions } from "./parkingWorld.ts";

// An erasure has no book: it overtakes the parked events of a book, which a retry applies later. Afterwards no data of the reader
// may remain.

const dream = "hongloumeng0";
/** Readers of the same partition, and of the other one. */
const others = (same: boolean) =>
  Array.from({ length: 20 }, (_, index) => `xiyouji${String(index).padStart(5, "0")}`).find(
    (id) => (partitionOf(id, partitions) === partitionOf(dream, partitions)) === same,
  ) as string;
const [west, kingdoms] = [others(true), others(false)];

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const opens = (position: bigint, reader: string, bookId = dream) =>
  recorded(position, `history-${reader}`, {
    type: "BookOpened",
    data: { bookId, visit: 1, openedAt: "2026-01-01T00:00:00.000Z", forgotten: null },
  });
const shelves = (position: bigint, reader: string, bookId = dream) =>
  recorded(position, `shelf-${reader}`, { type: "BookAddedToShelf", data: { bookId } });
const erases = (position: bigint, reader: string) =>
  recorded(position, `account-${reader}`, { type: "ReaderErased", data: {} });

/** The readers in the rows of a book. */
async function readersOf(build: Build, bookId = dream): Promise<readonly unknown[]> {
  const rows = await store.rows(build, "heat_days" in build.readModel.tables ? "heat_days" : "collecting_readers");
  return rows.filter(({ book_id }) => book_id === bookId).map(({ reader_id }) => reader_id);
}

const byModel = [
  [heat, opens],
  [collected, shelves],
] as const;

describe.each(byModel)("$name: an erasure that passed parked events of a book", (readModel, event) => {
  const log = () => [
    event(10n, "lin"),
    event(11n, "wang"),
    event(12n, "lin"),
    event(13n, "lin", west),
    event(14n, "zhao"),
    erases(20n, "lin"),
    event(25n, "li"),
  ];

  test.each(["fed", "filled"] as const)("holds when a retry applies them, in a build that is %s", async (how) => {
    const bad = new Set([11n]);
    const here = parkingWorld(store, readModel, log(), bad);
    const build = await here[how]();
    expect(await readersOf(build)).toEqual([]);
    expect(await here.retry(build, dream)).toMatchObject([{ folded: 0, left: 4 }]);
    bad.clear();
    expect(await here.retry(build, dream)).toMatchObject([{ folded: 4, left: 0 }]);
    expect(await readersOf(build)).toEqual(["li", "wang", "zhao"]);
    expect(await store.store.parkedKeys(build)).toEqual([]);
    expect(await here.verified(build)).toEqual([]);
  });

  test("holds when the first of them is skipped", async () => {
    const here = parkingWorld(store, readModel, log(), new Set([11n]));
    const build = await here.fed();
    here.log.push(skipOf(30n, 11n, readModel.name));
    expect(await here.retry(build, dream)).toMatchObject([{ folded: 3, skipped: 1, left: 0 }]);
    expect(await readersOf(build)).toEqual(["li", "zhao"]);
    expect(await here.verified(build)).toEqual([]);
  });

  test("holds of those that are applied while others stay parked, and of these when they are applied", async () => {
    const bad = new Set([11n, 14n]);
    const here = parkingWorld(store, readModel, log(), bad);
    const build = await here.fed();
    bad.delete(11n);
    expect(await here.retry(build, dream)).toMatchObject([{ folded: 2, left: 2, error: "14 is refused" }]);
    expect(await readersOf(build)).toEqual(["wang"]);
    expect(await here.verified(build)).toEqual([]);
    bad.clear();
    expect(await here.retry(build, dream)).toMatchObject([{ folded: 2, left: 0 }]);
    expect(await readersOf(build)).toEqual(["li", "wang", "zhao"]);
    expect(await here.verified(build)).toEqual([]);
  });

  test("changes no rows of other books: what came to them after it stays", async () => {
    const bad = new Set([11n]);
    const here = parkingWorld(store, readModel, [...log(), event(26n, "lin", west)], bad);
    const build = await here.fed();
    bad.clear();
    await here.retry(build, dream);
    expect(await readersOf(build, west)).toEqual(["lin"]);
    expect(await here.verified(build)).toEqual([]);
  });

  test("is not applied to them when operators skip it, nor while it is parked itself; then to all", async () => {
    const bad = new Set([11n, 20n]);
    const here = parkingWorld(store, readModel, log(), bad);
    const [build, second] = [await here.fed(), await here.fed()];
    bad.clear();
    await here.retry(build, dream);
    expect(await readersOf(build)).toEqual(["li", "lin", "wang", "zhao"]);
    expect(await here.verified(build)).toEqual([]);
    expect(await here.retry(build, "account-lin")).toMatchObject(Array(partitions).fill({ folded: 1, left: 0 }));
    expect(await readersOf(build)).toEqual(["li", "wang", "zhao"]);
    expect(await here.verified(build)).toEqual([]);

    await here.retry(second, "account-lin");
    await here.retry(second, dream);
    expect(await here.rows(second)).toEqual(await here.rows(build));

    bad.add(11n).add(20n);
    const third = await here.fed();
    here.log.push(skipOf(30n, 20n, readModel.name));
    bad.clear();
    for (const key of ["account-lin", dream]) await here.retry(third, key);
    expect(await readersOf(third)).toEqual(["li", "lin", "wang", "zhao"]);
  });

  test("is refused of their rows: then nothing is applied, and the key stays parked with the error", async () => {
    const refusing: ReadModel = {
      ...readModel,
      name: `refusing_${readModel.name}`,
      on: {
        ...readModel.on,
        ReaderErased: {
          ...(readModel.on.ReaderErased as NonNullable<typeof readModel.on.ReaderErased>),
          project: (rows, erased) => {
            const touched = Object.values(rows).flat();
            if (isBroken && touched.length > 0) throw new Error("no row is deleted");
            return readModel.on.ReaderErased?.project(rows, erased) ?? {};
          },
        },
      },
    };
    let isBroken = true;
    const bad = new Set([11n]);
    const events = [event(11n, "wang"), event(12n, "lin"), event(14n, "zhao"), erases(20n, "lin")];
    const here = parkingWorld(store, refusing, events, bad);
    const build = await here.fed();
    for (const waiting of [[], [14n]]) {
      bad.clear();
      for (const position of waiting) bad.add(position);
      const error = expect.stringContaining("no row is deleted");
      expect(await here.retry(build, dream)).toMatchObject([{ folded: 0, left: 3, error }]);
      expect(await readersOf(build)).toEqual([]);
    }
    isBroken = false;
    bad.clear();
    await here.retry(build, dream);
    expect(await readersOf(build)).toEqual(["wang", "zhao"]);
    expect(await here.verified(build)).toEqual([]);
    isBroken = true;
    const found = { kind: "not_parked", key: ["account-lin"], detail: expect.stringContaining("no row is deleted") };
    expect(await here.verified(build)).toEqual(expect.arrayContaining([expect.objectContaining(found)]));
  });
});

describe("the log", () => {
  const events = [dream, west, kingdoms].flatMap((book, index) => [
    opens(BigInt(10 + index), "wang", book),
    opens(BigInt(13 + index), "lin", book),
  ]);
  const inOrder = [...events.sort((one, other) => Number(one.position - other.position)), erases(20n, "lin")];

  test("is read once for all keys that are retried together, of whatever build, from the first parked event on", async () => {
    const bad = new Set([10n, 11n, 12n]);
    const here = parkingWorld(store, heat, inOrder, bad);
    const build = await here.fed();
    for (const position of [10n, 11n]) bad.delete(position);
    const next = await here.fed();
    bad.clear();
    const asked: Parameters<EventStore["readAll"]>[0][] = [];
    const counting = (options: Parameters<EventStore["readAll"]>[0]) => {
      asked.push(options);
      return here.eventStore.readAll(options);
    };
    // The live one is retried last.
    const builds = [{ build, state: "live" } as never, { build: next, state: "building" } as never];
    const parked = createParkedEvents({
      ...here.dependencies,
      eventStore: { ...here.eventStore, readAll: counting },
      readModels: [heat],
      catalog: { buildsOf: async () => builds },
      logger,
      mayDie: true,
    });
    expect(await parked.retry("heat")).toHaveLength(4);
    expect(asked).toEqual([{ categories: ["account"], fromPosition: 10n, detail: "essential" }]);
    for (const book of [dream, west, kingdoms]) expect(await readersOf(build, book)).toEqual(["wang"]);
  });

  test("is read from its beginning when a scavenge has removed the parked event", async () => {
    const bad = new Set([10n]);
    const here = parkingWorld(store, heat, inOrder, bad);
    const build = await here.fed();
    bad.clear();
    async function* readAll(options: Parameters<EventStore["readAll"]>[0]) {
      if (options?.fromPosition !== undefined) throw new InvalidPosition("there is no event");
      yield* here.eventStore.readAll(options);
    }
    await retryParked({ ...here.dependencies, eventStore: { ...here.eventStore, readAll } }, build, dream);
    expect(await readersOf(build)).toEqual(["wang"]);
  });

  test("is not read for a read model whose events all have keys", async () => {
    const readAll = () => {
      throw new Error("the log is read");
    };
    const bad = new Set([10n]);
    const { ReaderErased: _, ...on } = heat.on;
    const here = parkingWorld(store, { ...heat, name: "unerased", on }, inOrder.slice(0, -1), bad);
    const build = await here.fed();
    bad.clear();
    const dependencies = { ...here.dependencies, eventStore: { ...here.eventStore, readAll } };
    expect(await retryParked(dependencies, build, dream)).toMatchObject([{ folded: 2, left: 0 }]);
  });
});
