import { rememberedEntries } from "../../domain/reading/progress/decider.ts";
import type { ProgressEntry } from "../../domain/reading/progress/events.ts";
import { progressStream } from "../../domain/reading/progress/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { EventStore } from "../../event-store/types.ts";

/**
 * The entries with these ids among the last 500 of a reader's stream up to `revision`, as they were recorded. Rejects with
 * EventStoreUnavailable or StreamDeleted.
 */
export async function recordedEntries(
  eventStore: Pick<EventStore, "readStream">,
  {
    readerId,
    ids,
    revision,
  }: { readonly readerId: string; readonly ids: ReadonlySet<string>; readonly revision: bigint },
): Promise<readonly ProgressEntry[]> {
  const codec = codecOf(progressStream.events);
  const first = revision - BigInt(rememberedEntries) + 1n;
  const range = { fromRevision: first > 0n ? first : 0n, maxCount: rememberedEntries };
  const found: ProgressEntry[] = [];
  for await (const recorded of eventStore.readStream(nameOf(progressStream, readerId), range)) {
    const { data } = codec.decode(recorded);
    if (ids.has(data.entryId)) found.push(data);
  }
  return found;
}
