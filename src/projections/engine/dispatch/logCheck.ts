import type { EventStore } from "../../../event-store/types.ts";
import { beforeTheLog, type LogPoint } from "../core/batch.ts";

/** A partition whose checkpoint is not in the log, and what the log has there instead. */
export type Mismatch = { readonly partition: number; readonly checkpoint: LogPoint; readonly found: string };

/**
 * Compares every partition's checkpoint with the log: the event at that position must be the one that the partition applied last. A
 * log that was replaced, or restored from an older backup, holds another event there, or none.
 */
export async function findMismatch(
  eventStore: Pick<EventStore, "readLogAt">,
  checkpoints: readonly LogPoint[],
): Promise<Mismatch | undefined> {
  const known = new Map<string, Promise<string | undefined>>();
  for (const [partition, checkpoint] of checkpoints.entries()) {
    if (checkpoint.position === beforeTheLog) continue;
    const key = `${checkpoint.position} ${checkpoint.eventId}`;
    const check = known.get(key) ?? compare(eventStore, checkpoint);
    known.set(key, check);
    const found = await check;
    if (found !== undefined) return { partition, checkpoint, found };
  }
  return undefined;
}

async function compare(eventStore: Pick<EventStore, "readLogAt">, checkpoint: LogPoint): Promise<string | undefined> {
  const event = await eventStore.readLogAt(checkpoint.position);
  if (event === undefined) return "the log ends before it";
  if (event.position !== checkpoint.position) return `the next event stands at ${event.position}`;
  return event.id === checkpoint.eventId ? undefined : `event ${event.id} stands there`;
}
