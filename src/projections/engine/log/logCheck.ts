import { lastScavenge } from "../../../event-store/scavenges.ts";
import type { EventStore } from "../../../event-store/types.ts";
import { beforeTheLog, type LogPoint } from "../core/batch.ts";
import { pause } from "../timing.ts";

/** A partition whose checkpoint is not in the log, and what the log has instead. */
export type Mismatch = { readonly partition: number; readonly checkpoint: LogPoint; readonly found: string };

/** The log is not the one from which the build was made. */
export class LogMismatch extends Error {
  override readonly name = "LogMismatch";
}

type Log = Pick<EventStore, "readLogAt" | "readStream">;

/** The interval (ms) at which the log is read again for an event that it does not have yet. */
const askAgainMs = 250;

/**
 * Compares every partition's checkpoint with the log: the event at that position must be the one that the partition applied
 * last. A replaced log, or one restored from an older backup, has another event there, or none, and still none after `lagMs`
 * (`Timing.logLag`); undefined if it is stopped before. A missing event is no mismatch if a scavenge was recorded after it: a database restored from an older backup has such checkpoints.
 */
export async function findMismatch(
  eventStore: Log,
  checkpoints: readonly LogPoint[],
  lagMs: number,
  stop = new AbortController().signal,
): Promise<Mismatch | undefined> {
  const patientUntil = performance.now() + lagMs;
  const known = new Map<string, Promise<string | undefined>>();
  for (const [partition, checkpoint] of checkpoints.entries()) {
    if (checkpoint.position === beforeTheLog) continue;
    const key = `${checkpoint.position} ${checkpoint.eventId}`;
    const isSame = (eventId: string) => eventId === checkpoint.eventId;
    const check = known.get(key) ?? foundInstead(eventStore, checkpoint.position, isSame, patientUntil, stop);
    known.set(key, check);
    const found = await check;
    if (found !== undefined) return { partition, checkpoint, found };
  }
  return undefined;
}

/**
 * Resolves with whether the event that `isSame` recognises by its id stands at a position of the log, or stood there before a
 * scavenge: as `findMismatch` decides, with the same `lagMs`.
 */
export async function isInLog(
  eventStore: Log,
  position: bigint,
  isSame: (eventId: string) => boolean,
  lagMs: number,
): Promise<boolean> {
  const never = new AbortController().signal;
  return (await foundInstead(eventStore, position, isSame, performance.now() + lagMs, never)) === undefined;
}

async function foundInstead(
  eventStore: Log,
  position: bigint,
  isSame: (eventId: string) => boolean,
  patientUntil: number,
  stop: AbortSignal,
): Promise<string | undefined> {
  let event = await eventStore.readLogAt(position);
  while (event === undefined && performance.now() < patientUntil && !stop.aborted) {
    await pause(askAgainMs, stop);
    event = await eventStore.readLogAt(position);
  }
  if (event === undefined) return stop.aborted ? undefined : "the log has no event there";
  if (event.position === position) return isSame(event.id) ? undefined : `event ${event.id} stands there`;
  const scavenge = await lastScavenge(eventStore);
  return scavenge !== undefined && scavenge.position > position
    ? undefined
    : `the next event stands at ${event.position}`;
}
