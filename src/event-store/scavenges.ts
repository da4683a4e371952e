import { scavengeStream } from "../domain/operations/events.ts";
import type { EventStore } from "./types.ts";

type Reader = Pick<EventStore, "readStream">;

/** A scavenge as the stream `operations-scavenge` records it; `position` is that of its marker in the log. */
export type RecordedScavenge = {
  readonly begunBy: string;
  readonly begunAt: Date;
  readonly position: bigint;
  readonly ended: boolean;
};

/** The last scavenge that `heima scavenge` began, if there was one. Rejects when the store does not answer. */
export async function lastScavenge(eventStore: Reader): Promise<RecordedScavenge | undefined> {
  let last: RecordedScavenge | undefined;
  for await (const { type, data, created, position } of eventStore.readStream(scavengeStream)) {
    if (type === "ScavengeBegun") {
      const { begunBy } = data as { begunBy?: unknown };
      last = { begunBy: String(begunBy), begunAt: created, position, ended: false };
    } else if (type === "ScavengeEnded" && last !== undefined) last = { ...last, ended: true };
  }
  return last;
}

/**
 * Whether a scavenge has begun and not ended, or, with `position`, whether it is the one whose marker stands there. What would
 * make events go (an erasure) waits while there is one: a checkpoint that is past the marker may name an event written after it.
 */
export async function scavengeUnderWay(eventStore: Reader, position?: bigint): Promise<boolean> {
  const last = await lastScavenge(eventStore);
  return last !== undefined && !last.ended && (position === undefined || last.position === position);
}

/** How the server's own scavenge ended, in its words: `Success`, or something else and why. */
export type ServerScavengeEnd = { readonly result: string; readonly error: string | undefined };

/** How the server's scavenge of this id ended; undefined while it runs. The server writes it into a stream for each scavenge. */
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
