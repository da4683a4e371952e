import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { allEvents } from "../../../src/domain/events.ts";
import { type Codec, createCodec } from "../../../src/event-store/codec.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { createConsistency } from "../../../src/projections/consistency.ts";
import { startPartitionWorkers } from "../../../src/projections/engine/apply/partitionWorkers.ts";
import type { Batch } from "../../../src/projections/engine/batch.ts";
import type { Build } from "../../../src/projections/engine/build.ts";
import { openPartitionQueues } from "../../../src/projections/engine/dispatch/partitionQueues.ts";
import { openFailures } from "../../../src/projections/engine/failures.ts";
import { queueName, queuePrefix } from "../../../src/projections/engine/queues.ts";
import { listen, type Signal } from "../../../src/projections/engine/signals.ts";
import { redisUrl } from "../../support/redis.ts";
import { added, batchOf, codec, logger, quick, readersByPartition, tallyOf } from "../fixtures.ts";
import { eventually, freshStore, type Store } from "../store.ts";

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
  // Redis publishes to all its databases: other test files are heard as well.
  const keep = (signal: Signal) => {
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
  const worker = startPartitionWorkers({ pool: store.pool, codec, redis, logger, timing: quick, ...more }, build);
  running.push(worker);
  return worker;
}

async function send(build: Build, ...batches: Batch[]) {
  const queues = openPartitionQueues(build, redis, logger, quick);
  await queues.send(batches, never);
  await queues.close();
}

/** What Redis still holds of the build's jobs. */
async function leftInRedis(build: Build): Promise<string[]> {
  const keys = await redis.keys(`${queuePrefix}:${build.schema}_partition*`);
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
      return { kind: "advanced", build: build.schema, partition, position, after: -1n, keys: [key] };
    };
    await eventually(() => signals.length, 2);
    expect(signals).toEqual(expect.arrayContaining([advanced(0, 1n, a), advanced(1, 2n, b)]));
    await eventually(() => leftInRedis(build), []);
  });

  test("that meets a gap asks once for a rewind of the batch's epoch, and finishes the job", async () => {
    const build = await newTally();
    await send(build, batchOf(build, 0, 5n, [added(7n, a)]));
    start(build);
    await eventually(() => signals, [{ kind: "rewind", build: build.schema, epoch: "epoch" }]);
    await eventually(() => leftInRedis(build), []);
    expect(await store.positions(build)).toEqual([-1n, -1n]);
  });

  test("that stands at a refused event goes on with the other partitions, and with this one once it is mended", async () => {
    let mended = false;
    const build = await newTally((event) => {
      if (event.position === 2n && !mended) throw new Error("cannot count");
      return undefined;
    });
    const consistency = createConsistency({ readModels: [build.readModel], pool: store.pool, subscriber, logger });
    await send(build, batchOf(build, 0, -1n, [added(1n, a), added(2n, a), added(3n, a)]));
    await send(build, batchOf(build, 0, 3n, [added(4n, a)]));
    start(build);
    await eventually(() => store.positions(build), [1n, -1n]);
    await send(build, batchOf(build, 1, -1n, [added(5n, b)]), batchOf(build, 1, 5n, [added(6n, b)]));
    await eventually(() => store.positions(build), [1n, 6n]);
    expect(await store.tally(build)).toEqual({ [a]: 1, [b]: 2 });
    const detail = "BookAddedToShelf at 2: cannot count";
    expect(await consistency.readiness()).toEqual({
      ready: false,
      readModels: {
        [build.readModel.name]: {
          build: build.schema,
          partitions: [
            { partition: 0, position: "1", stopped: { kind: "event_refused", position: "2", detail } },
            { partition: 1, position: "6" },
          ],
        },
      },
    });
    mended = true;
    await eventually(() => store.positions(build), [4n, 6n]);
    expect(await store.tally(build)).toEqual({ [a]: 4, [b]: 2 });
    expect((await consistency.readiness()).ready).toBe(true);
  });

  test("takes its turn with another: a partition's batches meet no gap between them", async () => {
    const build = await newTally();
    start(build);
    start(build);
    // Both must be there and waiting, or one alone takes all.
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
        // Twice: the first look marks the job, the second finds it without a lock and puts it back.
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
    const consistency = createConsistency({ readModels: [build.readModel], pool: store.pool, subscriber, logger });
    start(build);
    await send(build, batchOf(build, 0, -1n, [added(1n, a), newer(2n, a), added(3n, a)]));
    await eventually(
      async () => (await openFailures(store.pool, build)).map(({ kind, position }) => [kind, position]),
      [["event_unknown", 2n]],
    );
    expect((await consistency.readiness()).ready).toBe(false);
    expect(await store.positions(build)).toEqual([1n, -1n]);
    // It takes no more of this build, of whatever partition.
    await send(build, batchOf(build, 1, -1n, [added(4n, b)]));
    await sleep(300);
    expect(await store.positions(build)).toEqual([1n, -1n]);

    start(build, { codec: newerCodec });
    await eventually(() => store.positions(build), [3n, 4n]);
    expect(await store.tally(build)).toEqual({ [a]: 3, [b]: 1 });
    expect((await consistency.readiness()).ready).toBe(true);
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
