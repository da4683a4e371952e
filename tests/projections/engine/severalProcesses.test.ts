import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { startDispatcher } from "../../../src/projections/engine/dispatch/startDispatcher.ts";
import type { BuildCatalog } from "../../../src/projections/engine/ports/buildCatalog.ts";
import { openPartitionQueues } from "../../../src/projections/engine/transport/partitionQueues.ts";
import { dividePartitions, shareOf } from "../../../src/projections/engine/workers/dividePartitions.ts";
import {
  type AppliedBatch,
  type PartitionWorkers,
  startPartitionWorkers,
} from "../../../src/projections/engine/workers/partitionWorkers.ts";
import { startSharedWorkers } from "../../../src/projections/engine/workers/sharedWorkers.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually } from "../../support/waiting.ts";
import { added, batchOf, codec, logger, quick, readersByPartition, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";
import { scriptedLog } from "./scripted.ts";
import { spawnWorker } from "./spawnWorker.ts";

type Sharer = { readonly workers: PartitionWorkers; readonly sharing: { close(): Promise<void> } };

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

test("the partitions of a build spread over its workers, also while no queue runs empty, and go on when one dies", async () => {
  const partitions = 4;
  const readers = readersByPartition(partitions);
  const build = await store.build(tallyOf("spread"), partitions);
  const queues = openPartitionQueues(build, redis, logger, quick);
  await queues.onePerPartition();
  const taken: [Set<number>, Set<number>] = [new Set(), new Set()];
  const dying = new AbortController();
  const [first, second] = taken.map((own, index) => {
    const workers = startWorker(build, ({ partition }) => own.add(partition));
    // The second one sends no more signs of life, and takes no jobs: like a killed process.
    const join: BuildCatalog["join"] = async (...args) => {
      if (index === 1 && dying.signal.aborted) throw new Error("dead");
      return store.catalog.join(...args);
    };
    const catalog = { join, leave: store.catalog.leave };
    // An answer that was under way when it died is lost.
    const serve: typeof workers.serve = (served) => {
      if (index === 0 || !dying.signal.aborted) workers.serve(served);
    };
    return {
      workers,
      sharing: dividePartitions(
        { catalog, member: `${index}`, timing: quick, logger },
        { partitions: () => build.partitions, groupOf: () => build.name },
        { ...workers, serve },
      ),
    };
  }) as readonly Sharer[] as [Sharer, Sharer];
  const send = (from: number, rounds: number) =>
    queues.send(
      Array.from({ length: rounds }, (_, round) =>
        readers.map((reader, partition) => {
          const position = BigInt((from + round) * partitions + partition);
          const before = from + round === 0 ? -1n : position - BigInt(partitions);
          return batchOf(build, partition, before, [added(position, reader)]);
        }),
      ).flat(),
      never,
    );
  const tallies = (count: number) => Object.fromEntries(readers.map((reader) => [reader, count]));
  await eventually(() => store.catalog.join(build, "0", quick.lease), ["0", "1"]);
  await new Promise((resolve) => setTimeout(resolve, quick.lease));
  for (const own of taken) own.clear();
  await send(0, 100);
  await eventually(() => store.tally(build), tallies(100));
  expect(taken).toEqual([new Set([0, 2]), new Set([1, 3])]);

  dying.abort();
  second.workers.serve(new Set());
  await send(100, 20);
  await eventually(() => store.tally(build), tallies(120));
  expect(taken[0]).toEqual(new Set([0, 1, 2, 3]));
  await Promise.all([first.sharing, second.sharing, queues].map((part) => part.close()));
});

test.each([
  ["a", ["a"], [0, 1, 2, 3, 4]],
  ["a", ["a", "b"], [0, 2, 4]],
  ["b", ["a", "b"], [1, 3]],
  ["c", ["a", "b", "c"], [2]],
])("%s of %j has the partitions %j of five", (member, members, share) => {
  expect([...shareOf(member, members, 5)]).toEqual(share);
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
    // At any point of its work: in a transaction, between two, or while it has a job.
    while ((await position()) < 50n) await new Promise((resolve) => setTimeout(resolve, 5));
    stopped.kill("SIGSTOP");
    const stoppedAt = await position();
    const other = startWorker(build);
    await send(400n, 500n);
    await eventually(position, 499n);
    expect(stoppedAt).toBeLessThan(499n);
    stopped.kill("SIGCONT");
    await send(500n, 600n);
    await eventually(position, 599n);
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
  const shared = startSharedWorkers({
    store: store.store,
    catalog: store.catalog,
    member: "alone",
    codec,
    redis,
    logger,
    timing: quick,
  });
  shared.add(build, worker.ended);
  const log = scriptedLog(added(0n, reader), added(1n, reader));
  const start = () =>
    startDispatcher({
      readModels: [build.readModel],
      store: store.store,
      catalog: store.catalog,
      codec,
      eventStore: log.eventStore,
      redis,
      subscriber,
      logger,
      timing: { ...quick, silence: 60_000 },
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
  await shared.close();
  await worker.close();
});
