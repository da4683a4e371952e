import type { Queue } from "bullmq";
import { createQueue, queuePrefix } from "../../../platform/queue.ts";
import type { Redis } from "../../../platform/redis.ts";
import type { BatchJson } from "../core/batch.ts";
import type { BuildRef } from "../core/build.ts";
import { isPresent } from "./presence.ts";

/** The queue of one partition of a build: its name carries the build's, so builds share nothing. */
export function queueName(build: Pick<BuildRef, "name">, partition: number): string {
  return `${build.name}_partition${partition}`;
}

/** The names of a build's queues, by partition. */
export function queueNames(build: BuildRef): readonly string[] {
  return Array.from({ length: build.partitions }, (_, partition) => queueName(build, partition));
}

/** A batch in the queue of its build and partition; `deaths`: how many workers died at it before it came there, none unless given. */
export type QueuedBatch = BatchJson & { readonly deaths?: number };

/**
 * The queue of a partition, with its batches. Jobs have no ids of ours: an id made of partition and position would make BullMQ swallow the
 * batches of a rewind.
 */
export type PartitionQueue = Queue<QueuedBatch>;

/**
 * Returns whether jobs wait in the queue of this name, or were taken by a worker, which may be dead: BullMQ has both in lists.
 */
export async function holdsJobs(name: string, redis: Redis): Promise<boolean> {
  const lists = ["wait", "active"].map((list) => isPresent(redis, `${queuePrefix}:${name}:${list}`));
  return (await Promise.all(lists)).includes(true);
}

/** The queues of a build, by partition. */
export function openQueues(build: BuildRef, redis: Redis): readonly PartitionQueue[] {
  return queueNames(build).map((name) => createQueue<QueuedBatch>(name, redis));
}

/** Removes a build's queues and what waits in them. */
export async function dropQueues(build: BuildRef, redis: Redis): Promise<void> {
  const queues = openQueues(build, redis);
  for (const queue of queues) {
    queue.on("error", () => {});
    await queue.obliterate({ force: true });
    await queue.close();
  }
}

/** Keys of the queues that release 0.1.0 had, which called a partition a lane. */
const ofOldQueues = /^heima:[a-z_]+_v\d+_b\d+_lane\d+:/;

/**
 * Removes the queues that release 0.1.0 left, of all builds; no worker serves them. Resolves with the number of keys
 * removed.
 */
export async function dropOldQueues(redis: Redis): Promise<number> {
  let removed = 0;
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", `${queuePrefix}:*_lane*`, "COUNT", 1_000);
    const old = keys.filter((key) => ofOldQueues.test(key));
    if (old.length > 0) removed += await redis.unlink(...old);
    cursor = next;
  } while (cursor !== "0");
  return removed;
}
