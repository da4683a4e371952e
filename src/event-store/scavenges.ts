import { scavengesStreamName } from "../domain/operations/streams.ts";
import type { EventStore } from "./types.ts";

/** The server does not scavenge for us: nothing has begun, and asking again does not help. */
export class ScavengeRefused extends Error {
  override readonly name = "ScavengeRefused";
}

type Reader = Pick<EventStore, "readStream">;

/** A scavenge recorded in the stream `operations-scavenge`; `position` is the log position of its marker. */
export type RecordedScavenge = {
  readonly begunBy: string;
  readonly begunAt: Date;
  readonly position: bigint;
  readonly ended: boolean;
};

/** The last scavenge started by `heima scavenge`, if any. Rejects when the store does not answer. */
export async function lastScavenge(eventStore: Reader): Promise<RecordedScavenge | undefined> {
  let last: RecordedScavenge | undefined;
  for await (const { type, data, created, position } of eventStore.readStream(scavengesStreamName)) {
    if (type === "ScavengeBegun") {
      const { begunBy } = data as { begunBy?: unknown };
      last = { begunBy: String(begunBy), begunAt: created, position, ended: false };
    } else if (type === "ScavengeEnded" && last !== undefined) last = { ...last, ended: true };
  }
  return last;
}

/**
 * Returns whether a scavenge is running; with `position`, whether it is the one with its marker there. Deletions (an erasure)
 * wait during a scavenge: a checkpoint past the marker may refer to an event written after it.
 */
export async function scavengeUnderWay(eventStore: Reader, position?: bigint): Promise<boolean> {
  const last = await lastScavenge(eventStore);
  return last !== undefined && !last.ended && (position === undefined || last.position === position);
}

/** The outcome of the server's scavenge, as reported: `Success`, or another result with its error. */
export type ServerScavengeEnd = { readonly result: string; readonly error: string | undefined };

/**
 * Returns the outcome of the server's scavenge with this id; undefined while it runs. The server records it in one stream per
 * scavenge.
 */
export async function serverScavengeEnd(
  eventStore: Reader,
  scavengeId: string,
): Promise<ServerScavengeEnd | undefined> {
  let end: ServerScavengeEnd | undefined;
  for await (const { type, data } of eventStore.readStream(`$scavenges-${scavengeId}`)) {
    if (type !== "$scavengeCompleted") continue;
    const { result, error } = data as { result?: unknown; error?: unknown };
    end = { result: String(result), error: typeof error === "string" && error !== "" ? error : undefined };
  }
  return end;
}
