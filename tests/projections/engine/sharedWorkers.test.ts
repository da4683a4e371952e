import { Queue, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createQueue, queuePrefix } from "../../../src/platform/queue.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import type { Batch } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModelStore } from "../../../src/projections/engine/ports/readModelStore.ts";
import { openPartitionQueues } from "../../../src/projections/engine/transport/partitionQueues.ts";
import { type QueuedBatch, queueName } from "../../../src/projections/engine/transport/queues.ts";
import {
  openSharedQueue,
  openSharedQueues,
  sharedQueueName,
} from "../../../src/projections/engine/transport/sharedQueues.ts";
import { listen, type Signal } from "../../../src/projections/engine/transport/signals.ts";
import { dividePartitions } from "../../../src/projections/engine/workers/dividePartitions.ts";
import { startPartitionWorkers } from "../../../src/projections/engine/workers/partitionWorkers.ts";
import { startSharedWorkers } from "../../../src/projections/engine/workers/sharedWorkers.ts";
import { stragglersOf } from "../../../src/projections/engine/workers/stragglers.ts";
import { redisUrl } from "../../support/redis.ts";
import { eventually } from "../../support/waiting.ts";
import { added, batchOf, codec, logger, quick, readersByPartition, tallyOf } from "../fixtures.ts";
import { freshStore, type Store } from "../store.ts";

const [reader = ""] = readersByPartition(1);
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
  listen(subscriber, "advanced", (signal) => signal.build.startsWith("joint") && signals.push(signal));
  listen(subscriber, "rewind", (signal) => signal.build.startsWith("joint") && signals.push(signal));
});
const running: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const part of running.splice(0)) await part.close();
  await redis.flushdb();
  signals.length = 0;
});
afterAll(async () => {
  redis.disconnect();
  subscriber.disconnect();
  await store.close();
});

let builds = 0;
const newTally = (onEvent?: Parameters<typeof tallyOf>[1]) => store.build(tallyOf(`joint${++builds}`, onEvent), 1);

/** Sends batches of several builds in one turn of the event loop, as a dispatcher does. */
async function send(...batches: readonly (readonly [Build, Batch])[]): Promise<void> {
  const shared = openSharedQueues(redis, logger, quick);
  const queues = batches.map(([build]) => openPartitionQueues(build, redis, logger, quick, shared));
  await Promise.all(batches.map(([, batch], index) => queues[index]?.send([batch], never)));
  await Promise.all([...queues, shared].map((part) => part.close()));
}

/** A worker process's part: the shared queues and, unless omitted, the builds' own. */
function work(
  of: readonly Build[],
  { own = true, stored = store.store }: { own?: boolean; stored?: ReadModelStore } = {},
) {
  const dependencies = { store: stored, catalog: store.catalog, codec, redis, logger, timing: quick };
  const shared = startSharedWorkers({ ...dependencies, member: `${builds}` });
  running.push(shared);
  for (const build of of) {
    const workers = own ? startPartitionWorkers(dependencies, build) : undefined;
    if (workers !== undefined) running.push(workers);
    shared.add(build, workers?.ended ?? never);
  }
}

const waitingOf = async (build: Build) => {
  const queue = createQueue<QueuedBatch>(queueName(build, 0), redis);
  const jobs = await queue.getWaiting();
  await queue.close();
  return jobs.map(({ data }) => data.upTo.position);
};

test("what is sent to several builds in one turn is one job, with each event once", async () => {
  const [one, two] = [await newTally(), await newTally()];
  const event = added(1n, reader);
  await send([one, batchOf(one, 0, -1n, [event])], [two, batchOf(two, 0, -1n, [event])]);
  const queue = openSharedQueue(0, redis);
  const jobs = await queue.getWaiting();
  await queue.close();
  expect(jobs.map(({ data }) => [data.batches.map(({ build }) => build), data.events.length])).toEqual([
    [[one.name, two.name], 1],
  ]);
  work([one, two]);
  await eventually(async () => [await store.tally(one), await store.tally(two)], [{ [reader]: 1 }, { [reader]: 1 }]);
  await eventually(() => signals.map((signal) => signal.kind), ["advanced", "advanced"]);
});

test("while Redis refuses a job it is tried again, without the batches of builds that are stopped meanwhile", async () => {
  const [stopped, other] = [await newTally(), await newTally()];
  // A value of another type in place of the list: Redis refuses the job at the end of the script that adds it.
  const list = `${queuePrefix}:${sharedQueueName(0)}:wait`;
  await redis.set(list, "no list");
  const shared = openSharedQueues(redis, logger, quick);
  const stop = new AbortController();
  const left = shared.send(batchOf(stopped, 0, -1n, [added(1n, reader)]), stop.signal);
  const sent = shared.send(batchOf(other, 0, -1n, [added(1n, reader)]), never);
  const queue = openSharedQueue(0, redis);
  await eventually(async () => (await redis.exists(queue.toKey("id"))) === 1, true);
  stop.abort();
  await left;
  await redis.del(list);
  await sent;
  const jobs = await queue.getWaiting();
  expect(jobs.map(({ data }) => data.batches.map(({ build }) => build))).toEqual([[other.name]]);
  await Promise.all([queue, shared].map((part) => part.close()));
});

test("what one build does not take at once goes to its own queue, in order, and holds up no other", async () => {
  const [hung, swift] = [await newTally(), await newTally()];
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const inPartition: ReadModelStore["inPartition"] = async (build, ...rest) => {
    if (build.name === hung.name) await released;
    return store.store.inPartition(build, ...rest);
  };
  work([hung, swift], { own: false, stored: { ...store.store, inPartition } });
  for (const position of [1n, 2n, 3n]) {
    const event = added(position, reader);
    const after = position === 1n ? -1n : position - 1n;
    await send([hung, batchOf(hung, 0, after, [event])], [swift, batchOf(swift, 0, after, [event])]);
  }
  await eventually(() => store.tally(swift), { [reader]: 3 });
  await eventually(() => waitingOf(hung), ["1", "2", "3"]);
  expect(await store.tally(hung)).toEqual({});
  release();
  // The first was applied meanwhile; its copy in the build's own queue is done.
  running.push(
    startPartitionWorkers({ store: store.store, catalog: store.catalog, codec, redis, logger, timing: quick }, hung),
  );
  await eventually(() => store.tally(hung), { [reader]: 3 });
});

test("a poison event of one build is parked by that build's own worker; the others of the job are applied", async () => {
  const refuse = () => {
    throw new Error("no");
  };
  const [poisoned, well] = [await newTally(refuse), await newTally()];
  const event = added(1n, reader);
  work([poisoned, well]);
  await send([poisoned, batchOf(poisoned, 0, -1n, [event])], [well, batchOf(well, 0, -1n, [event])]);
  await eventually(() => store.tally(well), { [reader]: 1 });
  await eventually(async () => (await store.store.parkedKeys(poisoned)).length, 1);
  expect(await store.positions(poisoned)).toEqual([1n]);
});

test("a true gap asks for a rewind", async () => {
  const build = await newTally();
  work([build]);
  await send([build, batchOf(build, 0, 5n, [added(6n, reader)])]);
  await eventually(() => signals.map((signal) => signal.kind), ["rewind"]);
});

test("a job at which a worker died is taken apart, and each batch says how often", async () => {
  const build = await newTally();
  await send([build, batchOf(build, 0, -1n, [added(1n, reader)])]);
  const options = { connection: redis, prefix: queuePrefix, lockDuration: 100, autorun: false };
  const dying = new Worker(sharedQueueName(0), null, options);
  expect(await dying.getNextJob("dead")).toBeDefined();
  await dying.close(true);
  work([build], { own: false });
  await eventually(() => waitingOf(build), ["1"]);
  const queue = createQueue<QueuedBatch>(queueName(build, 0), redis);
  expect((await queue.getWaiting())[0]?.data).toMatchObject({ build: build.name, deaths: 1 });
  await queue.close();
});

test("what is sent again while something is in the build's own queue goes behind it: a batch at which workers died is not tried by another way", async () => {
  const build = await newTally();
  const batch = batchOf(build, 0, -1n, [added(1n, reader)]);
  const queues = openPartitionQueues(build, redis, logger, quick);
  await queues.send([batch], never);
  await queues.close();
  work([build], { own: false });
  await send([build, batch]);
  await eventually(() => waitingOf(build), ["1", "1"]);
  expect(await store.tally(build)).toEqual({});
});

test("a process leaves the groups of partitions that none of its builds has any more", async () => {
  const left: string[] = [];
  let partitions = 4;
  const end = new AbortController();
  const served: number[][] = [];
  const dividing = dividePartitions(
    {
      catalog: { join: async (_, member) => [member, "other"].sort(), leave: async ({ name }) => void left.push(name) },
      member: "me",
      timing: quick,
      logger,
    },
    { partitions: () => partitions, groupOf: (partition) => `group${partition}` },
    { serve: (own) => served.push([...own]), ended: end.signal, close: async () => end.abort() },
  );
  await eventually(async () => served.at(-1), [0, 2]);
  partitions = 2;
  dividing.refresh();
  await eventually(async () => left, ["group2", "group3"]);
  await eventually(async () => served.at(-1), [0]);
  await dividing.close();
  expect(left.slice(2)).toEqual(["group0", "group1"]);
});

describe("stragglers", () => {
  const never = new Promise<void>(() => {});
  afterEach(() => void vi.useRealTimers());

  test("are none when all end", async () => {
    expect(await stragglersOf([Promise.resolve(), Promise.resolve()])).toEqual(new Set());
    expect(await stragglersOf([])).toEqual(new Set());
  });

  test("are waited for as long again as half of the others took, a quarter of a second at least, and a second at most", async () => {
    vi.useFakeTimers();
    const swift = stragglersOf([Promise.resolve(), never]);
    const slow = stragglersOf([new Promise((resolve) => setTimeout(resolve, 200)), never]);
    const alone = stragglersOf([never]);
    const ended: string[] = [];
    for (const [name, waited] of Object.entries({ swift, slow, alone })) void waited.then(() => ended.push(name));
    await vi.advanceTimersByTimeAsync(249);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual(["swift"]);
    await vi.advanceTimersByTimeAsync(199);
    expect(ended).toEqual(["swift"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual(["swift", "slow"]);
    await vi.advanceTimersByTimeAsync(550);
    expect(ended).toEqual(["swift", "slow", "alone"]);
    expect(await Promise.all([swift, slow, alone])).toEqual([new Set([1]), new Set([1]), new Set([0])]);
  });
});

test("batches of a build that has ended are dropped; those of one that this process does not have wait for another", async () => {
  const [ended, others] = [await newTally(), await newTally()];
  await store.catalog.end(ended, "retired", "the test");
  work([]);
  const other = await newTally();
  work([other]);
  const event = added(1n, reader);
  await send(...[ended, others, other].map((build) => [build, batchOf(build, 0, -1n, [event])] as const));
  await eventually(() => store.tally(other), { [reader]: 1 });
  await eventually(() => waitingOf(others), ["1"]);
  expect(await waitingOf(ended)).toEqual([]);
  const left = new Queue(sharedQueueName(0), { connection: redis, prefix: queuePrefix });
  await eventually(async () => (await left.getJobCounts("waiting", "active")).waiting, 0);
  await left.close();
});
