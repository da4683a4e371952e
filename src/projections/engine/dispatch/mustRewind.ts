import type { Timing } from "../timing.ts";

/** The checkpoint of a partition at the last check, and the time (ms) since when it has had this value. */
export type PartitionWatch = { seen: bigint | undefined; since: number };

export type PartitionCheck = {
  readonly checkpoint: bigint;
  /** The position up to which the epoch has sent the partition; at first the position that the epoch was opened from. */
  readonly sent: bigint;
  /** Batches of the partition that wait in its queue or are being applied. */
  readonly queued: number;
  /** The partition is blocked by an event: its worker holds the batch and retries it. */
  readonly failed: boolean;
};

/**
 * Returns whether a partition must be rewound: it was sent more than its checkpoint shows, the checkpoint has not moved for
 * `standstill`, and no job is queued that could move it (Redis was emptied, or a request for a rewind was lost). A queued job may
 * never be finished, so after four times `standstill` the queue no longer counts.
 */
export function mustRewind(
  watch: PartitionWatch,
  check: PartitionCheck,
  now: number,
  timing: Pick<Timing, "standstill">,
): boolean {
  if (check.checkpoint >= check.sent || check.checkpoint !== watch.seen) {
    watch.seen = check.checkpoint;
    watch.since = now;
    return false;
  }
  const unmovedMs = now - watch.since;
  if (check.queued === 0) return unmovedMs > timing.standstill;
  return unmovedMs > 4 * timing.standstill && !check.failed;
}
