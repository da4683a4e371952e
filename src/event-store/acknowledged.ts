import { EventStoreUnavailable, OutcomeUnknown } from "./errors.ts";
import { readLogEnd } from "./readAll.ts";
import { readStream } from "./readStream.ts";
import type { Connection } from "./wire/connection.ts";

/** The server's answer to an append. It names no position for a repeat of events that no read shows any more. */
export type Acknowledged = { readonly revision: bigint; readonly position: bigint | undefined };

/**
 * A position for an append that the server acknowledged without one: that of the first event of the stream from there that can be read, or
 * the log's end: who waits until a read model has reached it finds the append in it. Rejects with OutcomeUnknown if it cannot be read now.
 */
export async function findPosition(connection: Connection, stream: string, revision: bigint): Promise<bigint> {
  try {
    for await (const event of readStream(connection, stream, { fromRevision: revision, maxCount: 1 }))
      return event.position;
    return (await readLogEnd(connection)) ?? 0n;
  } catch (error) {
    if (!(error instanceof EventStoreUnavailable)) throw error;
    throw new OutcomeUnknown(`${stream} has revision ${revision}, but its position is not known`, { cause: error });
  }
}
