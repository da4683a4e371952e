import type { OpenFailure } from "../ports/buildCatalog.ts";

/**
 * The partitions that nothing is sent to, so that their queues do not fill and hold the others up: those that stand at an event which a
 * job in their queue holds, and all when the whole build is stopped. Where Redis lost that job nobody would send the event again: such a
 * partition does not stand, and is sent it by the epoch after the rewind. `queued`: how many jobs of a partition wait or are worked at.
 */
export async function standingPartitions(
  failures: readonly OpenFailure[],
  queued: (partition: number) => Promise<number>,
): Promise<ReadonlySet<number>> {
  const held = await Promise.all(
    failures.map(async ({ partition, isOfBuild }) => isOfBuild || (await queued(partition)) > 0),
  );
  return new Set(failures.filter((_, index) => held[index]).map(({ partition }) => partition));
}
