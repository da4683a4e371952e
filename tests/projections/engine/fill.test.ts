import { afterAll, beforeAll, expect, test } from "vitest";
import { UnknownEvent } from "../../../src/event-store/codec.ts";
import type { EventStore } from "../../../src/event-store/types.ts";
import { createPool } from "../../../src/platform/postgres.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { added, idAt, logger, point, recorded, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { a, b, c, events, fillWorld, nextName, partitions } from "./fillWorld.ts";
import { finishedLog } from "./finishedLog.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { fill, recordOf } = fillWorld(() => store);

test("a fill of an empty log leaves the checkpoints before it", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  expect(await fill(build, finishedLog([]).eventStore)).toBe("filled");
  expect(await store.positions(build)).toEqual([-1n, -1n, -1n]);
  expect((await recordOf(build))?.fillProgress).toMatchObject({ position: -1n, events: 0, head: -1n });
});

test("a fill folds thousands of events and moves every checkpoint to the last one", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  expect(await fill(build, finishedLog(events(6_000)).eventStore)).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 2_000, [b]: 2_000, [c]: 2_000 });
  const last = point(59_990n);
  expect(await store.store.checkpoints(build)).toMatchObject(Array(3).fill({ ...last, parkedKeys: 0 }));
  expect((await recordOf(build))?.fillProgress).toMatchObject({ position: 59_990n, events: 6_000, head: 59_990n });
});

test("a fill lets timers fire while a segment is folded", async () => {
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

test("a fill goes over events that the read model does not handle, up to the last of them", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const removed = recorded(20n, `shelf-${a}`, { type: "BookRemovedFromShelf", data: { bookId: "hongloumeng0" } });
  expect(await fill(build, finishedLog([added(10n, a), removed]).eventStore)).toBe("filled");
  expect(await store.tally(build)).toEqual({ [a]: 1 });
  expect(await store.positions(build)).toEqual([20n, 20n, 20n]);
});

test.each([
  ["of which the log has one event, far back", [10n]],
  ["of which the log has none", []],
])("a fill of a build %s goes to the end of the log, and on from there", async (_, own) => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const ofOthers = recorded(5_000n, "book-hongloumeng0", { type: "BookRetired", data: {} });
  const log = finishedLog(own.map((position) => added(position, a)));
  const asked: Parameters<EventStore["readAll"]>[0][] = [];
  async function* readAll(range: Parameters<EventStore["readAll"]>[0]) {
    asked.push(range);
    // Only reads of all streams, and of all categories, show it.
    if (range?.categories === undefined || range.categories.includes("book")) yield ofOthers;
  }
  expect(await fill(build, { ...log.eventStore, readAll })).toBe("filled");
  expect(await store.tally(build)).toEqual(own.length === 0 ? {} : { [a]: 1 });
  expect(await store.store.checkpoints(build)).toMatchObject(Array(3).fill(point(5_000n)));
  expect(asked[0]).toMatchObject({ direction: "backwards", maxCount: 1 });
  expect(asked[0]?.categories).toEqual(expect.arrayContaining(["shelf", "book"]));

  const later = finishedLog([...log.events, ofOthers, added(6_000n, b)]);
  expect(await fill(build, later.eventStore)).toBe("filled");
  expect(later.openings).toEqual([5_000n]);
  expect(await store.tally(build)).toEqual({ ...(own.length > 0 && { [a]: 1 }), [b]: 1 });
});

test("a fill rejects at a type that this code does not know, and writes nothing", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  for (const type of ["BookLentToFriend", "toString"]) {
    const event = recorded(20n, `shelf-${a}`, { type, data: {} }, { schemaVersion: 1 });
    for (const unknown of [event, { ...event, metadata: null as never }])
      await expect(fill(build, finishedLog([added(10n, a), unknown]).eventStore)).rejects.toThrow(UnknownEvent);
  }
  expect(await store.positions(build)).toEqual([-1n, -1n, -1n]);
});

test("a fill rejects when nothing is heard of the log, rather than wait for ever", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const log = finishedLog([added(10n, a)], { end: false });
  await expect(fill(build, log.eventStore, { silence: 100 })).rejects.toThrow("silent");
  expect(await store.positions(build)).toEqual([-1n, -1n, -1n]);
});

test("the fill of a build whose partitions stand apart is left to whoever feeds it", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  await store.pool.query(`UPDATE ${build.name}.checkpoints SET position = 10, event_id = $1 WHERE partition = 0`, [
    idAt(10n),
  ]);
  expect(await fill(build, finishedLog(events(2)).eventStore)).toBe("fed");
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
