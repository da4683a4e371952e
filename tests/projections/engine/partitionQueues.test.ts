import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queuePrefix } from "../../../src/platform/queue.ts";
import { connectRedis, type Redis } from "../../../src/platform/redis.ts";
import { type Batch, batchFromJson } from "../../../src/projections/engine/core/batch.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import {
  openPartitionQueues,
  type PartitionQueues,
} from "../../../src/projections/engine/transport/partitionQueues.ts";
import { openQueues, queueName } from "../../../src/projections/engine/transport/queues.ts";
import { redisUrl } from "../../support/redis.ts";
import { added, batchOf, logger, quick, tallyOf } from "../fixtures.ts";

let redis: Redis;
beforeAll(async () => {
  redis = connectRedis({ url: await redisUrl(), blocking: false, logger });
});
afterAll(async () => {
  await redis.flushdb();
  redis.disconnect();
});

let builds = 0;
/** The queues of a new build of two partitions, and the waiting jobs of one of them, oldest first. */
async function using(
  work: (build: Build, queues: PartitionQueues, waiting: (partition: number) => Promise<Batch[]>) => Promise<void>,
) {
  const build: Build = { readModel: tallyOf("tally"), number: 1, partitions: 2, name: `tally_v1_b${++builds}` };
  const queues = openPartitionQueues(build, redis, logger, quick);
  const readers = openQueues(build, redis);
  try {
    await work(build, queues, async (partition) => {
      const jobs = (await readers[partition]?.getWaiting()) ?? [];
      return jobs.map((job) => batchFromJson(job.data));
    });
  } finally {
    await queues.close();
    await Promise.all(readers.map((queue) => queue.close()));
  }
}
const never = new AbortController().signal;

test("batches wait in their partition's queue, in order", async () => {
  await using(async (build, queues, waiting) => {
    const one = batchOf(build, 0, -1n, [added(1n, "a")]);
    const two = batchOf(build, 1, -1n, [added(2n, "b")]);
    const three = batchOf(build, 0, 1n, [added(3n, "a")]);
    await queues.send([one, two, three], never);
    expect(await waiting(0)).toEqual([one, three]);
    expect(await waiting(1)).toEqual([two]);
    expect([await queues.queued(0), await queues.queued(1), await queues.waiting(new Set())]).toEqual([2, 1, 3]);
    expect(await queues.waiting(new Set([0]))).toBe(1);
  });
});

test("while Redis refuses, the same batches are tried until they are in, each once and in order", async () => {
  await using(async (build, queues, waiting) => {
    // A value of another type in place of the list: Redis refuses the job at the end of the script that adds it.
    const list = `${queuePrefix}:${queueName(build, 0)}:wait`;
    await redis.set(list, "no list");
    const batches = [1n, 2n, 3n].map((position) => batchOf(build, 0, position - 2n, [added(position, "a")]));
    let sent = false;
    const sending = queues.send(batches, never).then(() => {
      sent = true;
    });
    await sleep(200);
    expect(sent).toBe(false);
    await redis.del(list);
    await sending;
    expect(await waiting(0)).toEqual(batches);
  });
});

test("while Redis refuses, a stop ends the tries", async () => {
  await using(async (build, queues) => {
    const list = `${queuePrefix}:${queueName(build, 0)}:wait`;
    await redis.set(list, "no list");
    const stop = new AbortController();
    let ended = false;
    const sending = queues.send([batchOf(build, 0, -1n, [added(1n, "a")])], stop.signal).then(() => {
      ended = true;
    });
    await sleep(50);
    expect(ended).toBe(false);
    stop.abort();
    await sending;
    await redis.del(list);
  });
});

test("a rewind's batch is not swallowed by one of the old epoch that ends at the same position", async () => {
  await using(async (build, queues, waiting) => {
    const old = batchOf(build, 0, 5n, [added(7n, "a")]);
    const again = { ...batchOf(build, 0, -1n, [added(5n, "a"), added(7n, "a")]), epoch: "rewound" };
    await queues.send([old], never);
    await queues.send([again], never);
    expect(await waiting(0)).toEqual([old, again]);
  });
});
