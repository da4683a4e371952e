import { afterAll, beforeAll, expect, test } from "vitest";
import { added, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { a, b, c, events, fillWorld, nextName, partitions } from "./fillWorld.ts";
import { finishedLog } from "./finishedLog.ts";

let store: Store;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(() => store.close());

const { fill, recordOf, watched } = fillWorld(() => store);

const many = () => Array.from({ length: 4_000 }, (_, index) => added(BigInt(10 * index), `reader${index % 1_500}`));

test("at a bound of rows what is folded is written, and the fold goes on over the rows that were written", async () => {
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

test("the progress of a fill that goes on counts on, and each event once", async () => {
  const build = await store.add(tallyOf(nextName()), partitions);
  const log = finishedLog(events(6_000));
  const stop = new AbortController();
  let writings = 0;
  const through = watched(() => {
    if (++writings === 2) stop.abort();
  });
  const limits = { rows: 2, eventsAtOnce: 2_000 };
  expect(await fill(build, log.eventStore, { limits, through, stop: stop.signal })).toBe("stopped");
  const before = (await recordOf(build))?.fillProgress?.events ?? 0;
  expect(before).toBeGreaterThan(0);
  expect(await fill(build, log.eventStore)).toBe("filled");
  expect((await recordOf(build))?.fillProgress).toMatchObject({ events: 6_000, position: 59_990n });
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
