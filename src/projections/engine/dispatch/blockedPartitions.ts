import type { OpenFailure } from "../ports/buildCatalog.ts";

/**
 * The blocked partitions: nothing is sent to them, so that their queues do not fill and hold the others up. Blocked is a partition that
 * failed at an event which a job in its queue holds, and each when the whole build is stopped. If Redis lost that job, nobody would send
 * the event again: such a partition is not blocked, and the epoch after the rewind sends it. `queued`: how many jobs of a partition wait
 * or are worked at.
 */
export async function blockedPartitions(
  failures: readonly OpenFailure[],
  queued: (partition: number) => Promise<number>,
): Promise<ReadonlySet<number>> {
  const held = await Promise.all(
    failures.map(async ({ partition, isOfBuild }) => isOfBuild || (await queued(partition)) > 0),
  );
  return new Set(failures.filter((_, index) => held[index]).map(({ partition }) => partition));
}
