import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { startDispatcher } from "../../../src/projections/engine/dispatch/startDispatcher.ts";
import { openPartitionQueues } from "../../../src/projections/engine/transport/partitionQueues.ts";
import {
  type AppliedBatch,
  startPartitionWorkers,
} from "../../../src/projections/engine/transport/partitionWorkers.ts";
import { redisUrl } from "../../support/redis.ts";
import { added, batchOf, codec, logger, quick, readersByPartition, tallyOf } from "../fixtures.ts";
import { eventually, freshStore, type Store } from "../store.ts";
import { scriptedLog } from "./scripted.ts";
import { spawnWorker } from "./spawnWorker.ts";

const never = new AbortController().signal;
let store: Store;
let redis: Redis;
let subscriber: Redis;
beforeAll(async () => {
  store = await freshStore();
  const url = await redisUrl();
  redis = connectRedis({ url, blocking: true, logger });
  subscriber = connectRedis({ url, blocking: true, logger });
  subscriber.setMaxListeners(0);
});
afterAll(async () => {
  await redis.flushdb();
  redis.disconnect();
  subscriber.disconnect();
  await store.close();
});

const startWorker = (build: Build, onBatch: (batch: AppliedBatch) => void = () => {}) => {
  const { store: stored, catalog } = store;
  return startPartitionWorkers({ store: stored, catalog, codec, redis, logger, timing: quick, onBatch }, build);
};

test("the partitions of a build spread over its workers", async () => {
  const partitions = 4;
  const readers = readersByPartition(partitions);
  const build = await store.build(tallyOf("spread"), partitions);
  const queues = openPartitionQueues(build, redis, logger, quick);
  await queues.onePerPartition();
  const taken = [0, 0];
  const workers = [0, 1].map((index) =>
    startWorker(build, () => {
      taken[index] = (taken[index] ?? 0) + 1;
    }),
  );
  const rounds = 15;
  for (let round = 0; round < rounds; round++) {
    const batches = readers.map((reader, partition) => {
      const position = BigInt(round * partitions + partition);
      const before = round === 0 ? -1n : position - BigInt(partitions);
      return batchOf(build, partition, before, [added(position, reader)]);
    });
    await queues.send(batches, never);
    // Whoever waits longest takes the next batch; a queue that never runs empty stays with the worker that has it.
    await eventually(() => store.tally(build), Object.fromEntries(readers.map((reader) => [reader, round + 1])));
  }
  expect(Math.min(...taken)).toBeGreaterThan(rounds / 5);
  await Promise.all([...workers, queues].map((part) => part.close()));
});

test("a worker that is stopped past its locks, and goes on, does no harm", async () => {
  const [reader = ""] = readersByPartition(1);
  const build = await store.build(tallyOf("stopped"), 1);
  const queues = openPartitionQueues(build, redis, logger, quick);
  await queues.onePerPartition();
  const stopped = spawnWorker(store.url, redis, build);
  const send = (from: bigint, to: bigint) =>
    queues.send(
      Array.from({ length: Number(to - from) }, (_, index) => {
        const position = from + BigInt(index);
        return batchOf(build, 0, position - 1n, [added(position, reader)]);
      }),
      never,
    );
  const position = async () => (await store.positions(build))[0] ?? -1n;
  try {
    await send(0n, 400n);
    // Somewhere in its work: in a transaction, between two, or with a job in its hands.
    while ((await position()) < 50n) await new Promise((resolve) => setTimeout(resolve, 5));
    stopped.kill("SIGSTOP");
    const stoppedAt = await position();
    const other = startWorker(build);
    await send(400n, 500n);
    await eventually(position, 499n, 60_000);
    expect(stoppedAt).toBeLessThan(499n);
    stopped.kill("SIGCONT");
    await send(500n, 600n);
    await eventually(position, 599n, 60_000);
    await eventually(() => store.tally(build), { [reader]: 600 });
    await other.close();
  } finally {
    const exited = once(stopped, "exit");
    stopped.kill("SIGKILL");
    await exited;
    await queues.close();
  }
  expect(await store.tally(build)).toEqual({ [reader]: 600 });
}, 120_000);

test("of two dispatchers one works; the other takes over when it is gone", async () => {
  const [reader = ""] = readersByPartition(1);
  const build = await store.build(tallyOf("leased"), 1);
  const worker = startWorker(build);
  const log = scriptedLog(added(0n, reader), added(1n, reader));
  const start = () =>
    startDispatcher({
      ...{
        readModels: [build.readModel],
        store: store.store,
        catalog: store.catalog,
        codec,
        eventStore: log.eventStore,
      },
      ...{ redis, subscriber, logger, timing: { ...quick, silence: 60_000 } },
    });
  const first = start();
  await eventually(() => store.tally(build), { [reader]: 2 });
  const second = start();
  const opened = log.openings.length;
  await new Promise((resolve) => setTimeout(resolve, 2 * quick.lease));
  expect(log.openings.length).toBe(opened);
  await first.close();
  log.write(added(2n, reader));
  await eventually(() => store.tally(build), { [reader]: 3 });
  await second.close();
  await worker.close();
});
