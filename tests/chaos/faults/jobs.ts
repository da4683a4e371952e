import { setTimeout as sleep } from "node:timers/promises";
import { type Job, Queue } from "bullmq";
import { Redis } from "ioredis";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import { type DoFault, type FaultContext, insist } from "./fault.ts";

/** BullMQ's options of our queues. */
const added = { removeOnComplete: true, removeOnFail: true };

/** Most delays of a copy; longer ones collide with the dispatcher's watch, which resends after three seconds. */
const longestDelayMs = 6_000;

type Meddle = (queue: Queue, waiting: readonly Job[], context: FaultContext) => Promise<number>;

/** Duplicates or triplicates every waiting job, with delays for some of the copies. */
const duplicate: Meddle = async (queue, waiting, { random }) => {
  let copies = 0;
  for (const job of random.shuffle(waiting)) {
    for (let copy = random.between(1, 2); copy > 0; copy--) {
      const delay = random.next() < 0.5 ? 0 : random.between(50, longestDelayMs);
      await queue.add(job.name, job.data, { ...added, delay });
      copies++;
    }
  }
  return copies;
};

/** Delays half of the waiting jobs. */
const delay: Meddle = async (queue, waiting, { random }) => {
  let delayed = 0;
  for (const job of waiting) {
    if (random.next() < 0.5 || !(await taken(job))) continue;
    await queue.add(job.name, job.data, { ...added, delay: random.between(100, longestDelayMs) });
    delayed++;
  }
  return delayed;
};

/** Reorders the waiting jobs. */
const reorder: Meddle = async (queue, waiting, { random }) => {
  const out: Job[] = [];
  for (const job of waiting) if (await taken(job)) out.push(job);
  for (const job of random.shuffle(out)) await queue.add(job.name, job.data, added);
  return out.length;
};

/** Resolves with whether the job was removed: a worker's active job is locked. */
const taken = (job: Job) =>
  job.remove().then(
    () => true,
    () => false,
  );

/** How long the fault waits for a first job. */
const longestWaitMs = 15_000;

/** For how long a queue is held, so that jobs wait in it: an idle worker takes one at once. */
const heldMs = 400;

const meddling =
  (meddle: Meddle, what: string): DoFault =>
  async (context) => {
    const { world, forMs } = context;
    const builds = await insist(() => createCatalog(world.pool).list());
    const fed = builds.filter(({ state, filled }) => state === "live" || (state === "building" && filled));
    const redis = new Redis(world.environment.REDIS_URL ?? "", { maxRetriesPerRequest: null });
    redis.on("error", () => {});
    const queues = fed.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, n) => {
        const queue = new Queue(`${name}_partition${n}`, { connection: redis, prefix: "heima" });
        queue.on("error", () => {});
        return queue;
      }),
    );
    const until = Date.now() + forMs;
    let count = 0;
    const one = async (queue: Queue) => {
      // While nothing is dispatched no jobs wait: then wait a little longer.
      while (Date.now() < (count > 0 ? until : until + longestWaitMs)) {
        await queue.pause();
        try {
          await sleep(heldMs);
          const waiting = await queue.getJobs(["waiting"], 0, 200, true);
          // A job may be gone between the list and its data.
          count += await meddle(queue, waiting.filter(Boolean), context).catch(() => 0);
        } finally {
          await queue.resume();
        }
        await sleep(heldMs / 2);
      }
    };
    try {
      await Promise.all(queues.map(one));
    } finally {
      await Promise.all(queues.map((queue) => queue.close()));
      redis.disconnect();
    }
    return `${count} jobs ${what} in ${queues.length} queues`;
  };

export const jobsDuplicated = meddling(duplicate, "copied");
export const jobsDelayed = meddling(delay, "delayed");
export const jobsReordered = meddling(reorder, "put into another order");
