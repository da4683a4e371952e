import { currentTicks, describedStream, firstKept, oldestVisible } from "../semantics/stream-metadata.ts";
import { createdOf, revisionOf, type StoredEvent, streamNameOf } from "../storage/record.ts";
import { forgetBefore, isTombstone, lastRevision, type Stream } from "../streams/streams.ts";
import type { EventLog } from "./log.ts";

/**
 * Removes from disk the events that no read of a stream can return any more. A tombstoned stream keeps only its tombstone, and its
 * metadata goes too; any other stream keeps at least its last event, so that its revisions continue.
 */
export async function scavenge(log: EventLog): Promise<void> {
  // Decided once for each stream: the kept events of a stream must be all from one revision on.
  const plans = new Map<string, Plan>();
  const now = currentTicks();

  function keeps(event: StoredEvent): boolean {
    const name = streamNameOf(event).toString();
    const plan = plans.get(name) ?? planFor(log, name, now);
    plans.set(name, plan);
    return plan.keepFrom === "tombstone" ? isTombstone(event) : revisionOf(event) >= plan.keepFrom;
  }

  await log.removeEvents(keeps, () => {
    for (const { stream, keepFrom } of plans.values()) {
      if (stream) forgetBefore(stream, keepFrom === "tombstone" ? lastRevision(stream) + 1n : keepFrom);
    }
  });
}

type Plan = { stream: Stream | undefined; keepFrom: bigint | "tombstone" };

function planFor(log: EventLog, name: string, now: bigint): Plan {
  const stream = log.stream(name);
  const described = describedStream(name);
  const gone = described !== undefined && log.stream(described)?.tombstone !== undefined;
  if (!stream || gone || stream.tombstone !== undefined) return { stream, keepFrom: "tombstone" };
  const oldest = oldestVisible(stream.retention, now);
  const unexpired = oldest > 0n ? firstCreatedAtOrAfter(log, stream, oldest) : 0n;
  return { stream, keepFrom: firstKept(name, lastRevision(stream), stream.retention, unexpired) };
}

/** The first revision that is not older; one more than the last when all are. */
function firstCreatedAtOrAfter(log: EventLog, stream: Stream, oldest: bigint): bigint {
  let low = stream.firstRevision;
  let high = lastRevision(stream) + 1n;
  while (low < high) {
    const middle = (low + high) / 2n;
    const event = log.streamEvents(stream, middle, false, 1)[0];
    if (event && createdOf(event) < oldest) low = middle + 1n;
    else high = middle;
  }
  return low;
}
