import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCodec } from "../../../src/event-store/codec.ts";
import type { EventStore, RecordedEvent } from "../../../src/event-store/types.ts";
import { startFilling } from "../../../src/projections/engine/builds/fill/startFilling.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { LogMismatch } from "../../../src/projections/engine/log/logCheck.ts";
import { eventually } from "../../support/waiting.ts";
import { added, codec, idAt, logger, quick, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { a, b, c, events, fillWorld, nextName, partitions } from "./fillWorld.ts";
import { finishedLog } from "./finishedLog.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { fill, watched, recordOf, stateOf } = fillWorld(() => store);

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

test("a filler hands a filled build to the dispatcher and says so", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const running = filling(build, finishedLog(events(30)).eventStore);
  await eventually(() => stateOf(build), ["building", true, null]);
  await running.close();
  expect(announced).toContain(build.readModel.name);
});

test("a filler that comes to an end, whatever it is, leaves no start that looks like a death", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const log = finishedLog(events(30), { end: false });
  for (let starts = 1; starts <= 4; starts++) {
    const running = filling(build, log.eventStore);
    await eventually(() => log.openings.length, starts);
    await running.close();
  }
  expect(await store.catalog.countFillStart(build, -1n)).toEqual({ starts: 1, startsHere: 1 });
});

test("a filler lets a build fail that cannot be built, with the reason, and leaves the live one as it is", async () => {
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

test("a filler lets a build fail whose checkpoint is not in the log", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  await fill(build, finishedLog([added(10n, a), added(20n, a)]).eventStore);
  await expect(fill(build, finishedLog([added(10n, a)]).eventStore)).rejects.toThrow(LogMismatch);
  const running = filling(build, finishedLog([added(10n, a)]).eventStore);
  await eventually(async () => (await stateOf(build))?.[0], "failed");
  await running.close();
  expect((await stateOf(build))?.[2]).toBe(`LogMismatch: event ${idAt(20n)} at 20: the log has no event there`);
});

test("a filler that loses its lease and then fails says why", async () => {
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

test("a filler that is too old for an event lets another one have the build", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const log = finishedLog(events(30));
  const unknowing = createCodec();
  const old = {
    ...unknowing,
    decode: (event: RecordedEvent) => unknowing.decode({ ...event, metadata: { ...event.metadata, schemaVersion: 9 } }),
  };
  const first = filling(build, log.eventStore, { holder: "old", codec: old });
  await eventually(() => log.openings.length > 0, true);
  const second = filling(build, log.eventStore, { holder: "new" });
  await eventually(() => stateOf(build), ["building", true, null]);
  await Promise.all([first.close(), second.close()]);
  expect(await store.tally(build)).toEqual({ [a]: 10, [b]: 10, [c]: 10 });
});

test("a filler that meets another goes on from where that one is, and hands the build over at the end only", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const log = finishedLog(events(60));
  let writings = 0;
  const marks: number[] = [];
  const through = watched(async () => {
    // Like a process that was suspended for longer than its lease: it wrote the first half just before.
    if (++writings === 1) await fill(build, finishedLog(events(30)).eventStore);
  });
  const catalog = {
    ...store.catalog,
    markFilled: async (filled: Build) => {
      marks.push(writings);
      await store.catalog.markFilled(filled);
    },
  };
  const running = filling(build, log.eventStore, { store: through, catalog });
  await eventually(async () => (await recordOf(build))?.filled, true);
  await running.close();
  expect(marks).toEqual([2]);
  expect(log.openings).toEqual([undefined, 290n]);
  expect(await store.tally(build)).toEqual({ [a]: 20, [b]: 20, [c]: 20 });
});
