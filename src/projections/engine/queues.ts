import { Queue, type QueueOptions } from "bullmq";
import type { Redis } from "../../platform/redis.ts";
import type { BatchJson } from "./batch.ts";
import type { Build, LiveBuild } from "./build.ts";

/** What all keys of our queues begin with in Redis. */
export const queuePrefix = "heima";

/** The queue of one lane of a build: its name carries the build's, so builds share nothing. */
export function queueName(build: Pick<Build, "schema">, lane: number): string {
  return `${build.schema}_lane${lane}`;
}

/**
 * The queues of a build, by lane. Jobs have no ids of ours: an id made of lane and position would make BullMQ swallow the
 * batches of a rewind. Whatever ends is removed, so Redis holds only what waits.
 */
export function openQueues(build: LiveBuild, redis: Redis): readonly Queue<BatchJson>[] {
  const options: QueueOptions = {
    connection: redis,
    prefix: queuePrefix,
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  };
  return Array.from({ length: build.lanes }, (_, lane) => new Queue<BatchJson>(queueName(build, lane), options));
}
