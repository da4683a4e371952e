import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";
import { workerDiedError } from "../../../src/projections/engine/apply/workerDiedError.ts";
import { cautionAfter, normal } from "../../../src/projections/engine/builds/fill/caution.ts";
import { defaultFillLimits, fillBuild } from "../../../src/projections/engine/builds/fill/fillBuild.ts";
import { TooManyParked } from "../../../src/projections/engine/builds/fill/segment.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { lowestPosition } from "../../../src/projections/engine/core/positions.ts";
import { added, codec, logger, quick, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { a, b, c, events, fillWorld, nextName, partitions, readers } from "./fillWorld.ts";
import { finishedLog } from "./finishedLog.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { fill, recordOf, parkedOf } = fillWorld(() => store);

const failsAt = (...positions: bigint[]) =>
  tallyOf(nextName(), ({ position }) => {
    if (positions.includes(position)) throw new Error("a bug of the handler");
    return undefined;
  });

test("a poison event of a handler is parked with the later events of its key; those before it and all other keys are folded", async () => {
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

test("a poison event that does not even parse does not take the events before it along", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const log = finishedLog([added(10n, a), added(20n, a, "not a book id"), added(30n, a), added(40n, b)]);
  expect(await fill(build, log.eventStore)).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 1 });
  expect((await parkedOf(build)).map(({ position, error }) => [position, error === null])).toEqual([
    [20n, false],
    [30n, true],
  ]);
});

test("a poison event stays parked with what follows when the fill is broken off in between", async () => {
  const build = await store.add(failsAt(30n), partitions);
  expect(await fill(build, finishedLog(events(5)).eventStore)).toBe("filled");
  expect(await fill(build, finishedLog(events(12)).eventStore)).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 4, [c]: 4 });
  expect((await parkedOf(build)).map(({ position }) => position)).toEqual([30n, 60n, 90n]);
});

test.each([0n, 5_010n, 29_990n])(
  "a poison event of the store (a NUL in a text, at %s) is found and parked",
  async (position) => {
    const poisoned = readers[Number(position / 10n) % partitions] ?? "";
    // A NUL that a later event of the segment overwrites never reaches the store.
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
  },
);

test("an event whose key the store cannot even look for is parked, also when rows are there already", async () => {
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

test("a hundred keys are parked; with one more the build cannot be built", async () => {
  const poisoned = (count: number) =>
    Array.from({ length: count }, (_, index) => added(BigInt(10 * index), `reader${index}`, "?"));
  const enough = await store.add(tallyOf(nextName()), partitions);
  expect(await fill(enough, finishedLog(poisoned(100)).eventStore)).toBe("filled");
  const tooMany = await store.add(tallyOf(nextName()), partitions);
  await expect(fill(tooMany, finishedLog(poisoned(101)).eventStore)).rejects.toThrow(TooManyParked);
  expect(await parkedOf(tooMany)).toEqual([]);
});

/** A process that fills the build; resolves with true if it died, for whatever reason. */
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

test("an event that processes die of is found by smaller and smaller segments and parked; everything else is folded", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const { eventStore } = finishedLog(events(3_000));
  let deaths = 0;
  while (deaths < 20 && (await dies(build, eventStore, 20_000n))) deaths++;
  expect(deaths).toBe(7);
  const [key = ""] = readers.filter((_, index) => index === 2_000 % partitions);
  const before = Math.floor(2_000 / partitions);
  expect(await store.tally(build)).toEqual({ [a]: 1_000, [b]: 1_000, [c]: 1_000, [key]: before });
  expect((await parkedOf(build))[0]).toEqual({ position: 20_000n, key, error: workerDiedError });
  // The next crash counts as the first again.
  expect(await store.catalog.countFillStart(build, 0n)).toMatchObject({ starts: 1 });
});

test("such an event is not looked for when a process that died twice goes on from what it wrote in between", () => {
  expect(cautionAfter({ starts: 2, startsHere: 2 })).toBe(normal);
  expect(cautionAfter({ starts: 3, startsHere: 1 })).toMatchObject({ events: 10_000, quarantined: false });
  expect(cautionAfter({ starts: 7, startsHere: 4 })).toMatchObject({ events: 1, quarantined: false });
  expect(cautionAfter({ starts: 8, startsHere: 1 })).toMatchObject({ events: 1, quarantined: false });
  expect(cautionAfter({ starts: 8, startsHere: 2 })).toMatchObject({ events: 1, quarantined: true });
});
