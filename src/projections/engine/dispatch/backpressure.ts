import { pause } from "../timing.ts";

/** The most batches of a build, per partition, that may wait in Redis: a slow store holds up its own build and nothing else. */
const maxWaitingPerPartition = 16;

/**
 * Lets batches pass while fewer than the bound wait. Redis is queried at first, since batches of older epochs count too
 * (else each rewind would add to a queue without workers), then only when the last count plus the batches sent since
 * reach the bound, so Redis is not queried while the workers keep up.
 */
export function createBackpressure(partitions: number, countWaiting: () => Promise<number>) {
  const maxWaiting = maxWaitingPerPartition * partitions;
  let estimate = maxWaiting;
  return {
    sent(batches: number): void {
      estimate += batches;
    },
    async pass(stop: AbortSignal): Promise<void> {
      while (estimate >= maxWaiting && !stop.aborted) {
        estimate = await countWaiting().catch(() => maxWaiting);
        if (estimate >= maxWaiting) await pause(50, stop);
      }
    },
  };
}
