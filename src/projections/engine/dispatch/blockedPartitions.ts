import type { OpenFailure } from "../ports/buildCatalog.ts";

/**
 * The blocked partitions, which receive no batches, so that their queues do not fill and delay the others: each
 * partition that failed at an event while its queue holds a job, and all partitions when the whole build is stopped. If
 * Redis lost the job, the partition is not blocked, so that the epoch after the rewind sends the event again. `queued`:
 * the number of waiting and active jobs of a partition.
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
