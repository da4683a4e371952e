import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { allEvents } from "../../../src/domain/events.ts";
import { type Codec, createCodec } from "../../../src/event-store/codec.ts";
import { queuePrefix } from "../../../src/platform/queue.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { Batch } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { openFailures } from "../../../src/projections/engine/ports/buildCatalog.ts";
import { createReadModelReadiness } from "../../../src/projections/engine/progress/readiness.ts";
import { createProgressTracker } from "../../../src/projections/engine/progress/tracker.ts";
import { openPartitionQueues } from "../../../src/projections/engine/transport/partitionQueues.ts";
import { queueName } from "../../../src/projections/engine/transport/queues.ts";
import { listen, type Signal } from "../../../src/projections/engine/transport/signals.ts";
import { startPartitionWorkers } from "../../../src/projections/engine/workers/partitionWorkers.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually } from "../../support/waiting.ts";
import { added, batchOf, codec, logger, point, quick, readersByPartition, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { scriptedLog } from "./scripted.ts";

const [a = "", b = ""] = readersByPartition(2);
const never = new AbortController().signal;

let store: Store;
let redis: Redis;
let subscriber: Redis;
const signals: Signal[] = [];
beforeAll(async () => {
  store = await freshStore();
  const url = await redisUrl();
  redis = connectRedis({ url, blocking: true, logger });
  subscriber = connectRedis({ url, blocking: true, logger });
  // Redis publishes to all its databases: signals of other test files arrive as well.
  const keep = (signal: Exclude<Signal, { kind: "builds" }>) => {
    if (signal.build.startsWith("worked")) signals.push(signal);
  };
  listen(subscriber, "advanced", keep);
  listen(subscriber, "rewind", keep);
});
afterAll(async () => {
  await redis.flushdb();
  redis.disconnect();
  subscriber.disconnect();
  await store.close();
});

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.close()));
  signals.length = 0;
});

/** Starts a worker process's part for the build. */
function start(build: Build, more: { codec?: Codec } = {}) {
  const worker = startPartitionWorkers(
    { store: store.store, catalog: store.catalog, codec, redis, logger, timing: quick, ...more },
    build,
  );
  running.push(worker);
  return worker;
}

async function send(build: Build, ...batches: Batch[]) {
  const queues = openPartitionQueues(build, redis, logger, quick);
  await queues.send(batches, never);
  await queues.close();
}

const failuresOf = async (build: Build) =>
  openFailures(await store.catalog.failures(build), await store.store.checkpoints(build));

/** The readiness of the build's read model. */
function readinessOf({ readModel }: Build) {
  const { catalog, store: stored } = store;
  const tracker = createProgressTracker({ readModels: [readModel], catalog, store: stored, logger });
  running.push({ close: async () => tracker.close() });
  // No partition stands still for ten seconds, so the log is never read.
  const eventStore = scriptedLog().eventStore;
  return createReadModelReadiness({ tracker, catalog, eventStore, readModels: [readModel], logger });
}

/** Another reader of the same partition. */
function alike(reader: string): string {
  for (let number = 0; ; number++)
    if (partitionOf(`other${number}`, 2) === partitionOf(reader, 2)) return `other${number}`;
}

/** The build's jobs that are still in Redis. */
async function leftInRedis(build: Build): Promise<string[]> {
  const keys = await redis.keys(`${queuePrefix}:${build.name}_partition*`);
  return keys.filter((key) => /:(wait|active|completed|failed|\d+)$/.test(key));
}

let builds = 0;
const newTally = (onEvent?: Parameters<typeof tallyOf>[1]) => store.build(tallyOf(`worked${++builds}`, onEvent), 2);

describe("a worker", () => {
  test("applies what waits in every partition, says so, and leaves nothing in Redis", async () => {
    const build = await newTally();
    await send(build, batchOf(build, 0, -1n, [added(1n, a)]), batchOf(build, 1, -1n, [added(2n, b)]));
    start(build);
    await eventually(() => store.tally(build), { [a]: 1, [b]: 1 });
    const advanced = (partition: number, position: bigint, key: string) => {
      return {
        kind: "advanced",
        build: build.name,
        partition,
        ...point(position),
        after: -1n,
        keys: [key],
        parkedKeys: [],
      };
    };
    await eventually(() => signals.length, 2);
    expect(signals).toEqual(expect.arrayContaining([advanced(0, 1n, a), advanced(1, 2n, b)]));
    await eventually(() => leftInRedis(build), []);
  });

  test("that meets a gap asks once for a rewind of the batch's epoch, and finishes the job", async () => {
    const build = await newTally();
    await send(build, batchOf(build, 0, 5n, [added(7n, a)]));
    start(build);
    await eventually(() => signals, [{ kind: "rewind", build: build.name, epoch: "epoch" }]);
    await eventually(() => leftInRedis(build), []);
    expect(await store.positions(build)).toEqual([-1n, -1n]);
  });

  test("that meets a poison event parks it with the later ones of its key, says so, and goes on with all others", async () => {
    const build = await newTally((event) => {
      if (event.position === 2n) throw new Error("cannot count");
      return undefined;
    });
    const readiness = readinessOf(build);
    const c = alike(a);
    await send(build, batchOf(build, 0, -1n, [added(1n, a), added(2n, a), added(3n, c)]));
    await send(build, batchOf(build, 0, 3n, [added(4n, a)]));
    start(build);
    await send(build, batchOf(build, 1, -1n, [added(5n, b)]), batchOf(build, 1, 5n, [added(6n, b)]));
    await eventually(() => store.positions(build), [4n, 6n]);
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 2, [c]: 1 });
    const parked = await store.store.inPartition(build, 0, (session) => session.parked(a));
    expect(parked.map(({ event, error }) => [event.position, error])).toEqual([
      [2n, "BookAddedToShelf at 2: cannot count"],
      [4n, null],
    ]);
    await eventually(() => signals.length, 4);
    expect(
      signals.map((signal) => signal.kind === "advanced" && [signal.partition, signal.position, signal.parkedKeys]),
    ).toEqual(
      expect.arrayContaining([
        [0, 3n, [a]],
        [0, 4n, [a]],
        [1, 5n, []],
        [1, 6n, []],
      ]),
    );
    expect(await readiness()).toEqual({
      ready: true,
      readModels: {
        [build.readModel.name]: {
          build: build.name,
          state: "live",
          partitions: [
            { partition: 0, position: "4", parkedKeys: 1 },
            { partition: 1, position: "6" },
          ],
        },
      },
    });
  });

  test("that may park no more keys is blocked by the event, goes on with the other partitions, and here once there is room", async () => {
    const build = await newTally(({ stream }) => {
      if (stream === `shelf-${a}`) throw new Error("cannot count");
      return undefined;
    });
    const readiness = readinessOf(build);
    const c = alike(a);
    await store.store.inPartition(build, 1, (session) =>
      session.park(
        Array.from({ length: 100 }, (_, index) => {
          return { key: `parked${index}`, event: added(BigInt(index), `parked${index}`), error: "no" };
        }),
      ),
    );
    await send(build, batchOf(build, 0, -1n, [added(1n, c), added(2n, a), added(3n, c)]));
    await send(build, batchOf(build, 0, 3n, [added(4n, c)]));
    start(build);
    await eventually(() => store.positions(build), [1n, -1n]);
    await send(build, batchOf(build, 1, -1n, [added(5n, b)]), batchOf(build, 1, 5n, [added(6n, b)]));
    await eventually(() => store.positions(build), [1n, 6n]);
    expect(await store.tally(build)).toEqual({ [c]: 1, [b]: 2 });
    const detail = "100 keys are parked already; BookAddedToShelf at 2: cannot count";
    await eventually(readiness, {
      ready: false,
      readModels: {
        [build.readModel.name]: {
          build: build.name,
          state: "live",
          partitions: [
            { partition: 0, position: "1", stopped: { kind: "too_many_parked", position: "2", detail } },
            {
              partition: 1,
              position: "6",
              parkedKeys: 100,
              stopped: { kind: "too_many_parked", position: "2", detail },
            },
          ],
        },
      },
    });
    await store.store.inPartition(build, 1, (session) => session.unpark("parked0"));
    await eventually(() => store.positions(build), [4n, 6n]);
    expect(await store.tally(build)).toEqual({ [c]: 3, [b]: 2 });
    expect((await readiness()).ready).toBe(true);
  });

  test("takes its turn with another: a partition's batches meet no gap between them", async () => {
    const build = await newTally();
    start(build);
    start(build);
    // Both must be waiting, or one alone takes all.
    await sleep(300);
    const queues = openPartitionQueues(build, redis, logger, quick);
    await queues.onePerPartition();
    const batches = Array.from({ length: 100 }, (_, index) =>
      batchOf(build, 0, BigInt(index) - 1n, [added(BigInt(index), a)]),
    );
    await queues.send(batches, never);
    await queues.close();
    await eventually(() => store.positions(build), [99n, -1n]);
    expect(signals.filter(({ kind }) => kind === "rewind")).toEqual([]);
  });

  test("that is closed while the store is at fault hands its batch to another", async () => {
    const build = await newTally();
    const mend = await store.breakTable(build, "tallies");
    await send(build, batchOf(build, 0, -1n, [added(1n, a)]));
    const first = start(build);
    await eventually(async () => (await redis.llen(`${queuePrefix}:${queueName(build, 0)}:active`)) > 0, true);
    await first.close();
    await mend();
    expect(await store.positions(build)).toEqual([-1n, -1n]);
    start(build);
    await eventually(() => store.positions(build), [1n, -1n]);
  });

  test("takes over the batches of one that died, again and again", async () => {
    const build = await newTally();
    await send(build, batchOf(build, 0, -1n, [added(1n, a)]));
    const options = { connection: redis, prefix: queuePrefix, lockDuration: 100, autorun: false };
    for (const death of [1, 2]) {
      const dying = new Worker(queueName(build, 0), null, options);
      await eventually(async () => (await dying.getNextJob(`death ${death}`)) !== undefined, true);
      await sleep(150);
      if (death === 1) {
        // Twice: the first check marks the job, the second finds it without a lock and puts it back.
        const checking = new Worker(queueName(build, 0), null, { ...options, stalledInterval: 50, maxStalledCount: 9 });
        await checking.startStalledCheckTimer();
        await eventually(async () => redis.llen(`${queuePrefix}:${queueName(build, 0)}:wait`), 1);
        await checking.close();
      }
      await dying.close();
    }
    start(build);
    await eventually(() => store.positions(build), [1n, -1n]);
    expect(await store.tally(build)).toEqual({ [a]: 1 });
  });
});

describe("a worker that does not know an event's version", () => {
  const newer = (position: bigint, reader: string) => {
    const event = added(position, reader);
    return { ...event, metadata: { ...event.metadata, schemaVersion: 2 } };
  };
  const newerCodec = createCodec({
    ...allEvents,
    BookAddedToShelf: { ...allEvents.BookAddedToShelf, version: 2, upcasters: { 1: (data) => data } },
  }) as Codec;

  test("leaves the build to one that does, and says so in readiness as long as there is none", async () => {
    const build = await newTally();
    const readiness = readinessOf(build);
    start(build);
    await send(build, batchOf(build, 0, -1n, [added(1n, a), newer(2n, a), added(3n, a)]));
    await eventually(
      async () => (await failuresOf(build)).map(({ kind, position }) => [kind, position]),
      [["event_unknown", 2n]],
    );
    expect((await readiness()).ready).toBe(false);
    expect(await store.positions(build)).toEqual([1n, -1n]);
    // It takes no more of this build, of whatever partition.
    await send(build, batchOf(build, 1, -1n, [added(4n, b)]));
    await sleep(300);
    expect(await store.positions(build)).toEqual([1n, -1n]);

    start(build, { codec: newerCodec });
    await eventually(() => store.positions(build), [3n, 4n]);
    expect(await store.tally(build)).toEqual({ [a]: 3, [b]: 1 });
    expect((await readiness()).ready).toBe(true);
  });

  test("does not keep the build from one that does, and works on other builds", async () => {
    const [build, second] = [await newTally(), await newTally()];
    start(build);
    start(second);
    start(build, { codec: newerCodec });
    await send(build, batchOf(build, 0, -1n, [newer(1n, a), newer(2n, a)]));
    await eventually(() => store.positions(build), [2n, -1n]);
    await send(second, batchOf(second, 0, -1n, [added(1n, a)]));
    await eventually(() => store.positions(second), [1n, -1n]);
  });
});
