import { progressStream } from "../../domain/reading/progress/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { EventStore } from "../../event-store/types.ts";

/**
 * Returns whether an entry was ever recorded for the reader: the stream's state remembers only the last 500. Reads the stream up to the
 * entry; rejects as reading it does.
 */
export async function hasEntry(
  eventStore: Pick<EventStore, "readStream">,
  { readerId, entryId }: { readonly readerId: string; readonly entryId: string },
): Promise<boolean> {
  const codec = codecOf(progressStream.events);
  for await (const recorded of eventStore.readStream(nameOf(progressStream, readerId)))
    if (codec.decode(recorded).data.entryId === entryId) return true;
  return false;
}
