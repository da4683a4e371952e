import type { Logger } from "../../../platform/logger.ts";
import type { Redis } from "../../../platform/redis.ts";
import { type Batch, batchToJson } from "../core/batch.ts";
import type { BuildRef } from "../core/build.ts";
import type { Timing } from "../timing.ts";
import { addUntilStored } from "./addUntilStored.ts";
import { openQueues } from "./queues.ts";
import { isShared, type SharedQueues } from "./sharedQueues.ts";

/** The dispatcher's end of a build's queues. */
export type PartitionQueues = {
  /**
   * Lets only one worker at a time take jobs of a partition. Redis loses this setting when it is emptied, so each epoch
   * sets it again. Correctness does not depend on it, but without it two workers meet a gap whenever two batches of a
   * partition wait (measured: 298 of 300).
   */
  onePerPartition(): Promise<void>;
  /**
   * Adds batches, those of a partition in order, and retries until Redis has stored each; resolves early only when
   * stopped.
   */
  send(batches: readonly Batch[], stop: AbortSignal): Promise<void>;
  /** The number of waiting and active jobs of a partition; of shared jobs, only the last one sent counts. */
  queued(partition: number): Promise<number>;
  /** The number of waiting jobs of all partitions except those in `leaveOut`; of shared jobs, all count. */
  waiting(leaveOut: ReadonlySet<number>): Promise<number>;
  close(): Promise<void>;
};

/** Opens a build's queues for its dispatcher. A build that shares jobs sends by `sharedQueues`, where that is given. */
export function openPartitionQueues(
  build: BuildRef,
  redis: Redis,
  logger: Logger,
  timing: Timing,
  sharedQueues?: SharedQueues,
): PartitionQueues {
  const shared = isShared(build) ? sharedQueues : undefined;
  const queues = openQueues(build, redis);
  for (const queue of queues) queue.on("error", (error) => logger.warn({ err: error }, "partition queue error"));
  const queueOf = (partition: number) => {
    const queue = queues[partition];
    if (queue === undefined) throw new Error(`${build.name} has no partition ${partition}`);
    return queue;
  };

  const add = async (batch: Batch, stop: AbortSignal) => {
    if (shared !== undefined) return shared.send(batch, stop);
    const json = batchToJson(batch);
    const where = { build: build.name, partition: batch.partition };
    await addUntilStored(() => queueOf(batch.partition).add("batch", json), { logger, timing, where }, stop);
  };

  return {
    async onePerPartition() {
      const own = queues.map((queue) => queue.setGlobalConcurrency(1));
      await Promise.all([...own, shared?.onePerPartition(build.partitions)]);
    },
    async send(batches, stop) {
      const byPartition = new Map<number, Promise<void>>();
      for (const batch of batches) {
        const before = byPartition.get(batch.partition) ?? Promise.resolve();
        byPartition.set(
          batch.partition,
          before.then(() => add(batch, stop)),
        );
      }
      await Promise.all(byPartition.values());
    },
    async queued(partition) {
      const [counts, isHeld] = await Promise.all([
        queueOf(partition).getJobCounts("waiting", "active"),
        shared?.holds(build, partition),
      ]);
      return (counts.waiting ?? 0) + (counts.active ?? 0) + (isHeld ? 1 : 0);
    },
    async waiting(leaveOut) {
      const counted = [...queues.entries()].filter(([partition]) => !leaveOut.has(partition));
      const counts = await Promise.all(
        counted.flatMap(([partition, queue]) => [queue.getWaitingCount(), shared?.waiting(partition) ?? 0]),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async close() {
      shared?.forget(build);
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}
