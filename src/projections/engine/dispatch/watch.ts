import type { Timing } from "../timing.ts";

/** What is remembered of a lane between two looks: the checkpoint seen, and since when it has been so. */
export type LaneWatch = { seen: bigint | undefined; since: number };

export type LaneLook = {
  readonly checkpoint: bigint;
  /** How far the chain has sent the lane; at first the position that the chain was opened from. */
  readonly sent: bigint;
  /** Batches of the lane that wait in its queue or are being applied. */
  readonly queued: number;
  /** The lane's worker said that it stands at an event: it holds the batch and goes on by itself. */
  readonly troubled: boolean;
};

/**
 * Whether a lane must be rewound: it was sent more than its checkpoint shows, the checkpoint has not moved for
 * `standstill`, and nothing is queued that could move it (Redis was emptied, or a request for a rewind was lost). What
 * is queued may be a job that nobody will ever finish, so after four times as long the queue no longer counts.
 */
export function mustRewind(watch: LaneWatch, look: LaneLook, now: number, timing: Pick<Timing, "standstill">): boolean {
  if (look.checkpoint >= look.sent || look.checkpoint !== watch.seen) {
    watch.seen = look.checkpoint;
    watch.since = now;
    return false;
  }
  const standing = now - watch.since;
  if (look.queued === 0) return standing > timing.standstill;
  return standing > 4 * timing.standstill && !look.troubled;
}
