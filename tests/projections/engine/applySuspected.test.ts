import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { applySuspected, type DeathCount } from "../../../src/projections/engine/apply/applySuspected.ts";
import { workerDiedError } from "../../../src/projections/engine/apply/workerDiedError.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { openPartitionQueues } from "../../../src/projections/engine/transport/partitionQueues.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually } from "../../support/waiting.ts";
import { added, batchOf, codec, idAt, logger, quick, readersByPartition, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { spawnWorker } from "./spawnWorker.ts";

const [a = "", b = ""] = readersByPartition(2);
const never = new AbortController().signal;

let store: Store;
let redis: Redis;
beforeAll(async () => {
  store = await freshStore();
  redis = connectRedis({ url: await redisUrl(), blocking: true, logger });
});
afterAll(async () => {
  await redis.flushdb();
  redis.disconnect();
  await store.close();
});

let builds = 0;
const newTally = (onEvent?: Parameters<typeof tallyOf>[1]) => store.build(tallyOf(`suspect${++builds}`, onEvent), 2);
const dependencies = () => ({ store: store.store, catalog: store.catalog, codec, logger, timing: quick });
const parkedOf = async (build: Build) =>
  (await store.store.parked(build)).map(({ key, eventId, events, error }) => [key, eventId, events, error]);

describe("worker processes that die of an event", () => {
  test("take the batch apart, park that event and go on; two deaths for the batch, two for the event", async () => {
    const build = await newTally();
    const queues = openPartitionQueues(build, redis, logger, quick);
    await queues.onePerPartition();
    const events = [added(1n, a), added(2n, a, "deadlybook00"), added(3n, a), added(4n, a, "hongloumeng1")];
    await queues.send([batchOf(build, 0, -1n, events), batchOf(build, 1, -1n, [added(5n, b), added(6n, b)])], never);
    const children: ChildProcess[] = [];
    let deaths = 0;
    let over = false;
    const run = async () => {
      while (!over) {
        const child = spawnWorker(store.url, redis, build, "deadlybook00");
        children.push(child);
        const [, signal] = await once(child, "exit");
        if (signal === "SIGKILL" && !over) deaths++;
      }
    };
    const running = run();
    try {
      await eventually(() => store.positions(build), [4n, 6n], 90_000);
      expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 2 });
      expect(await parkedOf(build)).toEqual([[a, idAt(2n), 3, workerDiedError]]);
      expect(deaths).toBe(4);
      // The worker that parked it is still alive.
      await queues.send([batchOf(build, 0, 4n, [added(7n, b)])], never);
      await eventually(() => store.positions(build), [7n, 6n]);
      expect(deaths).toBe(4);
    } finally {
      over = true;
      for (const child of children) child.kill("SIGKILL");
      await running;
      await queues.close();
    }
  }, 120_000);
});

describe("a batch that workers died of", () => {
  /** Applies it as a worker that finds `found` in the job; returns what it recorded, in order. */
  async function apply(build: Build, found: DeathCount | undefined, more: { store?: ReadModelStore } = {}) {
    const written: (DeathCount | undefined)[] = [];
    const batch = batchOf(build, 0, -1n, [added(1n, a), added(2n, a), added(3n, a)]);
    const counter = { found, write: async (note: DeathCount | undefined) => void written.push(note) };
    const applied = await applySuspected({ ...dependencies(), ...more }, build, batch, counter, never);
    return { applied, written };
  }
  const note = (position: bigint, deaths = 0): DeathCount => ({ eventId: idAt(position), deaths });

  test("is applied event by event, each noted before it is tried", async () => {
    const build = await newTally();
    const { applied, written } = await apply(build, undefined);
    expect(applied).toEqual({ outcome: "applied", parkedKeys: new Set() });
    expect(written).toEqual([note(1n), note(2n), note(3n)]);
    expect(await store.tally(build)).toEqual({ [a]: 3 });
  });

  test("does not blame an event for one death: a worker may have been killed there", async () => {
    const build = await newTally();
    const { written } = await apply(build, note(2n));
    expect(written).toEqual([note(1n), note(2n, 1), note(3n)]);
    expect(await store.tally(build)).toEqual({ [a]: 3 });
    expect(await parkedOf(build)).toEqual([]);
  });

  test("does not blame an event that was applied before its worker died", async () => {
    const build = await newTally();
    await apply(build, undefined);
    const { applied, written } = await apply(build, note(3n, 1));
    expect(applied.outcome).toBe("done");
    expect(written).toEqual([]);
    expect(await parkedOf(build)).toEqual([]);
  });

  test("has the event of two deaths parked with the later ones of its key", async () => {
    const build = await newTally();
    const { applied } = await apply(build, note(2n, 1));
    expect(applied).toEqual({ outcome: "applied", parkedKeys: new Set([a]) });
    expect(await store.tally(build)).toEqual({ [a]: 1 });
    expect(await parkedOf(build)).toEqual([[a, idAt(2n), 2, workerDiedError]]);
  });

  test("takes a note back when the store fails: who dies while waiting for it blames nobody", async () => {
    const build = await newTally();
    let failures = 2;
    const failing: ReadModelStore = {
      ...store.store,
      inPartition: async (of, partition, work) => {
        if (failures-- > 0) throw new Error("Connection terminated unexpectedly");
        return store.store.inPartition(of, partition, work);
      },
    };
    const { written } = await apply(build, undefined, { store: failing });
    expect(written).toEqual([note(1n), undefined, note(1n), undefined, note(1n), note(2n), note(3n)]);
    expect(await store.tally(build)).toEqual({ [a]: 3 });
  });

  test("has an event that merely throws parked with its own error", async () => {
    const build = await newTally((event) => {
      if (event.position === 2n) throw new Error("cannot count");
      return undefined;
    });
    await apply(build, undefined);
    expect(await parkedOf(build)).toEqual([[a, idAt(2n), 2, "BookAddedToShelf at 2: cannot count"]]);
  });
});
