import { pause } from "../timing.ts";

/** The most batches of a build, per partition, that may wait in Redis: a slow store holds up its own build and nothing else. */
const maxWaitingPerPartition = 16;

/**
 * Lets batches through while fewer than the bound wait. Redis is asked at first, since what older epochs sent counts too (else
 * each rewind would add to a queue that nobody works at), then only when the last answer and what was sent since reach
 * the bound together, so Redis is not asked while the workers keep up.
 */
export function createBackpressure(partitions: number, countWaiting: () => Promise<number>) {
  const most = maxWaitingPerPartition * partitions;
  let estimate = most;
  return {
    sent(batches: number): void {
      estimate += batches;
    },
    async pass(stop: AbortSignal): Promise<void> {
      while (estimate >= most && !stop.aborted) {
        estimate = await countWaiting().catch(() => most);
        if (estimate >= most) await pause(50, stop);
      }
    },
  };
}
