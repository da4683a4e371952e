// Longer than most files: each way in which a fill may end is one short story told with the same log.

import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCodec, UnknownEvent } from "../../../src/event-store/codec.ts";
import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";
import { createPool } from "../../../src/platform/postgres.ts";
import { diedOfIt } from "../../../src/projections/engine/apply/diedOfIt.ts";
import { cautionAfter, normal } from "../../../src/projections/engine/builds/fill/caution.ts";
import {
  defaultFillLimits,
  type FillLimits,
  fillBuild,
  SkippedWhileFilled,
} from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import { TooManyParked } from "../../../src/projections/engine/builds/fill/segment.ts";
import { startFilling } from "../../../src/projections/engine/builds/fill/startFilling.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { lowestPosition } from "../../../src/projections/engine/core/positions.ts";
import { LogMismatch } from "../../../src/projections/engine/log/logCheck.ts";
import { retryParked } from "../../../src/projections/engine/parked/retry.ts";
import type { Fill, ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { added, codec, idAt, logger, point, quick, readersByPartition, recorded, tallyOf } from "../fixtures.ts";
import { eventually, freshStore, type Store } from "../store.ts";
import { finishedLog } from "./finishedLog.ts";

const partitions = 3;
const readers = readersByPartition(partitions);
const [a = "", b = "", c = ""] = readers;

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

let builds = 0;
const nextName = () => `filled${++builds}`;

type Options = {
  readonly limits?: Partial<FillLimits>;
  readonly stop?: AbortSignal;
  readonly through?: ReadModelStore;
  readonly silence?: number;
};
const fill = (build: Build, eventStore: EventStore, options: Options = {}) =>
  fillBuild(
    {
      store: options.through ?? store.store,
      catalog: store.catalog,
      eventStore,
      codec,
      logger,
      timing: { silence: options.silence ?? 60_000, logLag: quick.logLag },
    },
    build,
    options.stop ?? new AbortController().signal,
    { ...defaultFillLimits, ...options.limits },
  );

/** Ten positions apart: `count` events of the readers in turn. */
const events = (count: number): RecordedEvent[] =>
  Array.from({ length: count }, (_, index) => added(BigInt(10 * index), readers[index % partitions] ?? ""));

/** A store that calls `before` ahead of each writing. */
const watched = (before: (fill: Fill) => unknown): ReadModelStore => ({
  ...store.store,
  fill: async (build, what) => {
    await before(what);
    return store.store.fill(build, what);
  },
});

const recordOf = async (build: Build) => (await store.catalog.list()).find(({ name }) => name === build.name);
const parkedOf = async (build: Build) =>
  (
    await store.pool.query(
      "SELECT position, key, error FROM projections.parked WHERE build = $1 ORDER BY position, partition",
      [build.name],
    )
  ).rows;

describe("a fill", () => {
  test("of an empty log leaves the checkpoints before it", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    expect(await fill(build, finishedLog([]).eventStore)).toBe("filled");
    expect(await store.positions(build)).toEqual([-1n, -1n, -1n]);
    expect((await recordOf(build))?.fillProgress).toMatchObject({ position: -1n, events: 0, head: -1n });
  });

  test("folds thousands of events and moves every checkpoint to the last one", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    expect(await fill(build, finishedLog(events(6_000)).eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 2_000, [b]: 2_000, [c]: 2_000 });
    const last = point(59_990n);
    expect(await store.store.checkpoints(build)).toMatchObject(Array(3).fill({ ...last, parkedKeys: 0 }));
    expect((await recordOf(build))?.fillProgress).toMatchObject({ position: 59_990n, events: 6_000, head: 59_990n });
  });

  test("lets timers fire while a segment is folded", async () => {
    let turns = 0;
    const turnsAtEvents = new Set<number>();
    const readModel = tallyOf(nextName(), () => {
      turnsAtEvents.add(turns);
      for (const until = performance.now() + 1; performance.now() < until; );
      return undefined;
    });
    const build = await store.add(readModel, partitions);
    const timer = setInterval(() => turns++, 1);
    try {
      expect(await fill(build, finishedLog(events(1_500)).eventStore)).toBe("filled");
    } finally {
      clearInterval(timer);
    }
    expect(turnsAtEvents.size).toBeGreaterThan(1_500 / 50);
  });

  test("goes over events that the read model does not handle, up to the last of them", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const removed = recorded(20n, `shelf-${a}`, { type: "BookRemovedFromShelf", data: { bookId: "hongloumeng0" } });
    expect(await fill(build, finishedLog([added(10n, a), removed]).eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 1 });
    expect(await store.positions(build)).toEqual([20n, 20n, 20n]);
  });

  test.each([
    ["of which the log has one event, far back", [10n]],
    ["of which the log has none", []],
  ])("of a build %s goes to the end of the log, and on from there", async (_, own) => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const ofOthers = recorded(5_000n, "book-hongloumeng0", { type: "BookRetired", data: {} });
    const log = finishedLog(own.map((position) => added(position, a)));
    const asked: Parameters<EventStore["readAll"]>[0][] = [];
    async function* readAll(range: Parameters<EventStore["readAll"]>[0]) {
      asked.push(range);
      yield ofOthers;
    }
    expect(await fill(build, { ...log.eventStore, readAll })).toBe("filled");
    expect(await store.tally(build)).toEqual(own.length === 0 ? {} : { [a]: 1 });
    expect(await store.store.checkpoints(build)).toMatchObject(Array(3).fill(point(5_000n)));
    expect(asked).toMatchObject([{ direction: "backwards", maxCount: 1 }]);
    expect(asked[0]?.categories).toEqual(expect.arrayContaining(["shelf", "book"]));

    const later = finishedLog([...log.events, ofOthers, added(6_000n, b)]);
    expect(await fill(build, later.eventStore)).toBe("filled");
    expect(later.openings).toEqual([5_000n]);
    expect(await store.tally(build)).toEqual({ ...(own.length > 0 && { [a]: 1 }), [b]: 1 });
  });

  test("leaves out what operators skip in this read model, wherever the skip stands", async () => {
    const readModel = tallyOf(nextName());
    const build = await store.add(readModel, partitions);
    const skip = (position: bigint, skipped: bigint, name: string) =>
      recorded(position, "operations-projections", {
        type: "ParkedEventSkipped",
        data: {
          readModel: name,
          eventId: idAt(skipped),
          position: String(skipped),
          skippedBy: "operator",
          reason: "broken",
        },
      });
    const log = finishedLog([
      added(10n, a),
      added(20n, a),
      added(30n, b),
      skip(40n, 10n, readModel.name),
      skip(50n, 30n, "other"),
    ]);
    expect(await fill(build, log.eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1 });
  });

  const skipOf = (position: bigint, skipped: bigint, readModel: string) =>
    recorded(position, "operations-projections", {
      type: "ParkedEventSkipped",
      data: { readModel, eventId: idAt(skipped), position: String(skipped), skippedBy: "operator", reason: "broken" },
    });

  test("folds a segment again when one of its events was skipped meanwhile", async () => {
    const folded: bigint[] = [];
    const readModel = tallyOf(nextName(), ({ position }) => {
      // While the segment is folded.
      if (folded.push(position) === 2) log.events.push(skipOf(40n, 10n, readModel.name));
      return undefined;
    });
    const log = finishedLog([added(10n, a), added(20n, a), added(30n, b)]);
    const build = await store.add(readModel, partitions);
    expect(await fill(build, log.eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1 });
    expect(folded).toEqual([10n, 20n, 30n, 20n, 30n]);
  });

  test("fails when an event is skipped as it is being written: another build must leave it out", async () => {
    const readModel = tallyOf(nextName());
    const log = finishedLog([added(10n, a), added(20n, a)]);
    const through = watched(() => void log.events.push(skipOf(40n, 10n, readModel.name)));
    const build = await store.add(readModel, partitions);
    await expect(fill(build, log.eventStore, { through })).rejects.toThrow(SkippedWhileFilled);
  });

  test("fails the build also when that write was stopped: a store without transactions may have written rows", async () => {
    const readModel = tallyOf(nextName());
    const log = finishedLog([added(10n, a), added(20n, a)]);
    const stop = new AbortController();
    const through = watched(() => {
      log.events.push(skipOf(40n, 10n, readModel.name));
      stop.abort(new Error("the process ends"));
      throw stop.signal.reason;
    });
    const build = await store.add(readModel, partitions);
    const filling = fill(build, log.eventStore, { through, stop: stop.signal });
    await expect(filling).rejects.toThrow(SkippedWhileFilled);
  });

  test("folds a segment again when parked events were retried meanwhile: none of either is lost", async () => {
    const bad = new Set([20n]);
    const readModel = tallyOf(nextName(), ({ position }) => {
      if (bad.has(position)) throw new Error("a bug of the handler");
      return undefined;
    });
    const build = await store.add(readModel, partitions);
    expect(await fill(build, finishedLog([added(10n, a), added(20n, a)]).eventStore)).toBe("filled");
    bad.clear();
    const log = finishedLog([added(10n, a), added(20n, a), added(30n, a), added(40n, b)]);
    let retries = 0;
    const through = watched(async () => {
      if (++retries > 1) return;
      const dependencies = { store: store.store, codec, eventStore: log.eventStore, publish: async () => {} };
      expect(await retryParked(dependencies, build, a)).toMatchObject([{ folded: 1, left: 0 }]);
    });
    expect(await fill(build, log.eventStore, { through })).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 3, [b]: 1 });
    expect(await parkedOf(build)).toEqual([]);
  });

  test("rejects at a type that this code does not know, and writes nothing", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    for (const type of ["BookLentToFriend", "toString"]) {
      const event = recorded(20n, `shelf-${a}`, { type, data: {} }, { schemaVersion: 1 });
      for (const unknown of [event, { ...event, metadata: null as never }])
        await expect(fill(build, finishedLog([added(10n, a), unknown]).eventStore)).rejects.toThrow(UnknownEvent);
    }
    expect(await store.positions(build)).toEqual([-1n, -1n, -1n]);
  });

  test("rejects when nothing is heard of the log, rather than wait for ever", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const log = finishedLog([added(10n, a)], { end: false });
    await expect(fill(build, log.eventStore, { silence: 100 })).rejects.toThrow("silent");
    expect(await store.positions(build)).toEqual([-1n, -1n, -1n]);
  });

  test("of a build whose partitions stand apart is left to whoever feeds it", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = 10, event_id = $1 WHERE partition = 0`, [
      idAt(10n),
    ]);
    expect(await fill(build, finishedLog(events(2)).eventStore)).toBe("fed");
  });
});

describe("at a bound of rows", () => {
  const many = () => Array.from({ length: 4_000 }, (_, index) => added(BigInt(10 * index), `reader${index % 1_500}`));

  test("what is folded is written, and the fold goes on over the rows that were written", async () => {
    const written: bigint[] = [];
    const build = await store.add(tallyOf(nextName()), partitions);
    const through = watched(({ upTo }) => written.push(upTo.position));
    expect(await fill(build, finishedLog(many()).eventStore, { limits: { rows: 500 }, through })).toBe("filled");
    expect(written.length).toBeGreaterThan(2);
    const tally = await store.tally(build);
    expect(Object.keys(tally)).toHaveLength(1_500);
    expect(tally).toMatchObject({ reader0: 3, reader999: 3, reader1000: 2, reader1499: 2 });
    expect(await store.positions(build)).toEqual([39_990n, 39_990n, 39_990n]);
  });

  test("a fill that is broken off goes on from what was written, and folds nothing of it again", async () => {
    const folded: bigint[] = [];
    const readModel = tallyOf(nextName(), ({ position }) => {
      folded.push(position);
      return undefined;
    });
    const build = await store.add(readModel, partitions);
    const log = finishedLog(many());
    const stop = new AbortController();
    let writings = 0;
    const through = watched(() => {
      if (++writings === 2) stop.abort();
    });
    expect(await fill(build, log.eventStore, { limits: { rows: 500 }, through, stop: stop.signal })).toBe("stopped");
    const [from = -1n] = await store.positions(build);
    expect(from).toBeGreaterThan(0n);
    folded.length = 0;
    log.openings.length = 0;

    expect(await fill(build, log.eventStore, { limits: { rows: 1_000_000 } })).toBe("filled");
    expect(log.openings).toEqual([from]);
    expect(folded).toEqual(
      many()
        .map(({ position }) => position)
        .filter((position) => position > from),
    );
    expect(await store.tally(build)).toMatchObject({ reader0: 3, reader999: 3, reader1000: 2, reader1499: 2 });
  });

  test("of two that fill a build at once one writes, the other is told that it moved", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const log = finishedLog(events(30));
    const outcomes: string[] = [];
    const through = watched(async () => {
      outcomes.push(await fill(build, log.eventStore));
    });
    outcomes.push(await fill(build, log.eventStore, { through }));
    expect(outcomes).toEqual(["filled", "moved"]);
    expect(await store.tally(build)).toEqual({ [a]: 10, [b]: 10, [c]: 10 });
  });
});

test("no statement of a fill is cut by the time that the pool gives a query", async () => {
  const pool = createPool({ url: store.url, max: 2, service: "test", logger, statementTimeoutMs: 150 });
  try {
    const build = await store.add(tallyOf(nextName()), partitions);
    await store.pool.query(`
      CREATE FUNCTION ${build.name}.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$;
      CREATE TRIGGER slow AFTER INSERT ON ${build.name}.tallies EXECUTE FUNCTION ${build.name}.slow()`);
    const through = createPostgresStore(pool);
    // By COPY from the log's beginning, then merged.
    expect(await fill(build, finishedLog(events(3)).eventStore, { through })).toBe("filled");
    expect(await fill(build, finishedLog(events(9)).eventStore, { through })).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 3, [b]: 3, [c]: 3 });
    await expect(pool.query("SELECT pg_sleep(1.5)")).rejects.toThrow("timeout");
  } finally {
    await pool.end();
  }
});

describe("a poison event", () => {
  const failsAt = (...positions: bigint[]) =>
    tallyOf(nextName(), ({ position }) => {
      if (positions.includes(position)) throw new Error("a bug of the handler");
      return undefined;
    });

  test("of a handler is parked with the later events of its key; those before it and all other keys are folded", async () => {
    const build = await store.add(failsAt(30n), partitions);
    // Positions 0, 30, 60, 90 are of the first reader.
    expect(await fill(build, finishedLog(events(12)).eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 4, [c]: 4 });
    expect(await parkedOf(build)).toEqual([
      { position: 30n, key: a, error: "BookAddedToShelf at 30: a bug of the handler" },
      { position: 60n, key: a, error: null },
      { position: 90n, key: a, error: null },
    ]);
    expect((await store.store.checkpoints(build)).map(({ parkedKeys }) => parkedKeys)).toEqual([1, 0, 0]);
  });

  test("that does not even parse does not take the events before it along", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const log = finishedLog([added(10n, a), added(20n, a, "not a book id"), added(30n, a), added(40n, b)]);
    expect(await fill(build, log.eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1 });
    expect((await parkedOf(build)).map(({ position, error }) => [position, error === null])).toEqual([
      [20n, false],
      [30n, true],
    ]);
  });

  test("stays parked with what follows when the fill is broken off in between", async () => {
    const build = await store.add(failsAt(30n), partitions);
    expect(await fill(build, finishedLog(events(5)).eventStore)).toBe("filled");
    expect(await fill(build, finishedLog(events(12)).eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 4, [c]: 4 });
    expect((await parkedOf(build)).map(({ position }) => position)).toEqual([30n, 60n, 90n]);
  });

  test.each([0n, 5_010n, 29_990n])("of the store (a NUL in a text, at %s) is found and parked", async (position) => {
    const poisoned = readers[Number(position / 10n) % partitions] ?? "";
    // A NUL that a later event of the segment writes over never meets the store.
    const readModel = tallyOf(nextName(), (event) =>
      event.position >= position && event.stream === `shelf-${poisoned}` ? "nul\0" : undefined,
    );
    const build = await store.add(readModel, partitions);
    expect(await fill(build, finishedLog(events(3_000)).eventStore)).toBe("filled");
    const before = Math.floor(Number(position) / 30);
    const whole = Object.fromEntries(readers.map((reader) => [reader, 1_000]));
    const { [poisoned]: _, ...others } = whole;
    expect(await store.tally(build)).toEqual(before === 0 ? others : { ...others, [poisoned]: before });
    const parked = await parkedOf(build);
    expect(parked[0]).toMatchObject({ position, key: poisoned, error: expect.stringContaining("0x00") });
    expect(parked).toHaveLength(1_000 - before);
    expect(await store.positions(build)).toEqual([29_990n, 29_990n, 29_990n]);
    expect((await recordOf(build))?.fillProgress?.events).toBe(3_000);
  });

  test("whose key the store cannot even look for is parked, also when rows are there already", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const log = finishedLog([added(10n, a), added(20n, "nul\0"), added(30n, b), added(40n, "nul\0"), added(50n, a)]);
    expect(await fill(build, finishedLog([added(10n, a)]).eventStore)).toBe("filled");
    expect(await fill(build, log.eventStore)).toBe("filled");
    expect(await store.tally(build)).toEqual({ [a]: 2, [b]: 1 });
    expect((await parkedOf(build)).map(({ position, error }) => [position, error === null])).toEqual([
      [20n, false],
      [40n, true],
    ]);
  });

  test("of a hundred keys is parked; one more and the build cannot be built", async () => {
    const poisoned = (count: number) =>
      Array.from({ length: count }, (_, index) => added(BigInt(10 * index), `reader${index}`, "?"));
    const enough = await store.add(tallyOf(nextName()), partitions);
    expect(await fill(enough, finishedLog(poisoned(100)).eventStore)).toBe("filled");
    const tooMany = await store.add(tallyOf(nextName()), partitions);
    await expect(fill(tooMany, finishedLog(poisoned(101)).eventStore)).rejects.toThrow(TooManyParked);
    expect(await parkedOf(tooMany)).toEqual([]);
  });
});

describe("an event that processes die of", () => {
  /** A process that fills the build; with true when it died, of whatever but the build: nothing of it is heard any more. */
  const dies = async (build: Build, eventStore: EventStore, deadly: bigint) => {
    const codecOfDying = {
      ...codec,
      decode: (event: RecordedEvent) => {
        if (event.position === deadly) throw new Error("the process died");
        return codec.decode(event);
      },
    };
    const from = lowestPosition(await store.store.checkpoints(build));
    const care = cautionAfter(await store.catalog.countFillStart(build, from));
    const dependencies = { store: store.store, catalog: store.catalog, eventStore, logger, timing: quick };
    return fillBuild(
      { ...dependencies, codec: codecOfDying },
      build,
      new AbortController().signal,
      defaultFillLimits,
      care,
    ).then(
      () => false,
      () => true,
    );
  };

  test("is found by smaller and smaller segments and parked; everything else is folded", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const { eventStore } = finishedLog(events(3_000));
    let deaths = 0;
    while (deaths < 20 && (await dies(build, eventStore, 20_000n))) deaths++;
    expect(deaths).toBe(7);
    const [key = ""] = readers.filter((_, index) => index === 2_000 % partitions);
    const before = Math.floor(2_000 / partitions);
    expect(await store.tally(build)).toEqual({ [a]: 1_000, [b]: 1_000, [c]: 1_000, [key]: before });
    expect((await parkedOf(build))[0]).toEqual({ position: 20_000n, key, error: diedOfIt });
    // The next death is the first again.
    expect(await store.catalog.countFillStart(build, 0n)).toMatchObject({ starts: 1 });
  });

  test("is not looked for when a process that died twice goes on from what it wrote in between", () => {
    expect(cautionAfter({ starts: 2, startsHere: 2 })).toBe(normal);
    expect(cautionAfter({ starts: 3, startsHere: 1 })).toMatchObject({ events: 10_000, quarantined: false });
    expect(cautionAfter({ starts: 7, startsHere: 4 })).toMatchObject({ events: 1, quarantined: false });
    expect(cautionAfter({ starts: 8, startsHere: 1 })).toMatchObject({ events: 1, quarantined: false });
    expect(cautionAfter({ starts: 8, startsHere: 2 })).toMatchObject({ events: 1, quarantined: true });
  });
});

describe("a filler", () => {
  const announced: string[] = [];
  type More = Partial<Pick<Parameters<typeof startFilling>[0], "holder" | "codec" | "store" | "catalog" | "logger">>;
  const filling = (build: Build, eventStore: EventStore, more: More = {}) =>
    startFilling(
      {
        store: store.store,
        catalog: store.catalog,
        eventStore,
        codec,
        logger,
        timing: quick,
        holder: "holder",
        announce: async (readModel: string) => void announced.push(readModel),
        ...more,
      },
      build,
    );
  const stateOf = async (build: Build) => {
    const record = await recordOf(build);
    return record && [record.state, record.filled, record.reason];
  };

  test("hands a filled build to the dispatcher and says so", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const running = filling(build, finishedLog(events(30)).eventStore);
    await eventually(() => stateOf(build), ["building", true, null]);
    await running.close();
    expect(announced).toContain(build.readModel.name);
  });

  test("that comes to an end, whatever it is, leaves no start that looks like a death", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const log = finishedLog(events(30), { end: false });
    for (let starts = 1; starts <= 4; starts++) {
      const running = filling(build, log.eventStore);
      await eventually(() => log.openings.length, starts);
      await running.close();
    }
    expect(await store.catalog.countFillStart(build, -1n)).toEqual({ starts: 1, startsHere: 1 });
  });

  test("lets a build fail that cannot be built, with the reason, and leaves the live one as it is", async () => {
    const readModel = tallyOf(nextName());
    const live = await store.build(readModel, partitions);
    const build = await store.add(readModel, partitions);
    const poisoned = Array.from({ length: 101 }, (_, index) => added(BigInt(10 * index), `reader${index}`, "?"));
    const running = filling(build, finishedLog(poisoned).eventStore);
    await eventually(async () => (await stateOf(build))?.[0], "failed");
    await running.close();
    expect((await stateOf(build))?.[2]).toMatch(/^TooManyParked: 100 keys are parked already/);
    expect(await stateOf(live)).toEqual(["live", true, null]);
    expect(announced).toContain(readModel.name);
  });

  test("lets a build fail whose checkpoint is not in the log", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    await fill(build, finishedLog([added(10n, a), added(20n, a)]).eventStore);
    await expect(fill(build, finishedLog([added(10n, a)]).eventStore)).rejects.toThrow(LogMismatch);
    const running = filling(build, finishedLog([added(10n, a)]).eventStore);
    await eventually(async () => (await stateOf(build))?.[0], "failed");
    await running.close();
    expect((await stateOf(build))?.[2]).toBe(`LogMismatch: event ${idAt(20n)} at 20: the log has no event there`);
  });

  test("that loses its lease and then fails says why", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const lines: { msg: string; err?: { message: string } }[] = [];
    const spoken = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    let isWriting = false;
    const catalog = { ...store.catalog, takeLease: async () => (isWriting ? 60_000 : 0) };
    const through = watched(async () => {
      isWriting = true;
      await eventually(() => lines.some(({ msg }) => msg === "lost the lease"), true);
      throw new Error("the fence was lost");
    });
    const running = filling(build, finishedLog(events(3)).eventStore, { store: through, catalog, logger: spoken });
    await eventually(
      () => lines.find(({ err }) => err !== undefined),
      expect.objectContaining({
        msg: "filling ended with an error",
        err: expect.objectContaining({ message: "the fence was lost" }),
      }),
    );
    await running.close();
  });

  test("that is too old for an event lets another one have the build", async () => {
    const build = await store.add(tallyOf(nextName()), partitions);
    const log = finishedLog(events(30));
    const unknowing = createCodec();
    const old = {
      ...unknowing,
      decode: (event: RecordedEvent) =>
        unknowing.decode({ ...event, metadata: { ...event.metadata, schemaVersion: 9 } }),
    };
    const first = filling(build, log.eventStore, { holder: "old", codec: old });
    await eventually(() => log.openings.length > 0, true);
    const second = filling(build, log.eventStore, { holder: "new" });
    await eventually(() => stateOf(build), ["building", true, null]);
    await Promise.all([first.close(), second.close()]);
    expect(await store.tally(build)).toEqual({ [a]: 10, [b]: 10, [c]: 10 });
  });
});

test("a filler that meets another goes on from where that one is, and hands the build over at the end only", async () => {
  const readModel: ReadModel = tallyOf(nextName());
  const build = await store.add(readModel, partitions);
  const log = finishedLog(events(60));
  let writings = 0;
  const marks: number[] = [];
  const through = watched(async () => {
    // As a process does that was stopped for longer than its lease: it writes the first half just before.
    if (++writings === 1) await fill(build, finishedLog(events(30)).eventStore);
  });
  const catalog = {
    ...store.catalog,
    markFilled: async (filled: Build) => {
      marks.push(writings);
      await store.catalog.markFilled(filled);
    },
  };
  const running = startFilling(
    {
      store: through,
      catalog,
      eventStore: log.eventStore,
      codec,
      logger,
      timing: quick,
      holder: "holder",
      announce: async () => {},
    },
    build,
  );
  await eventually(async () => (await recordOf(build))?.filled, true);
  await running.close();
  expect(marks).toEqual([2]);
  expect(log.openings).toEqual([undefined, 290n]);
  expect(await store.tally(build)).toEqual({ [a]: 20, [b]: 20, [c]: 20 });
});
