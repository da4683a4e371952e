import { rememberedEntries } from "../../domain/reading/progress/decider.ts";
import type { ProgressEntry } from "../../domain/reading/progress/events.ts";
import { progressStream } from "../../domain/reading/progress/stream.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { EventStore } from "../../event-store/types.ts";

/**
 * The entries with these ids, as they were recorded, among those that a command wrote whose last is at `revision`, and the 500
 * before it, which its decision knew. Rejects with EventStoreUnavailable or StreamDeleted.
 */
export async function recordedEntries(
  eventStore: Pick<EventStore, "readStream">,
  {
    readerId,
    ids,
    revision,
    written,
  }: {
    readonly readerId: string;
    readonly ids: ReadonlySet<string>;
    readonly revision: bigint;
    readonly written: number;
  },
): Promise<readonly ProgressEntry[]> {
  const codec = codecOf(progressStream.events);
  const maxCount = rememberedEntries + written;
  const first = revision - BigInt(maxCount) + 1n;
  const range = { fromRevision: first > 0n ? first : 0n, maxCount };
  const found: ProgressEntry[] = [];
  for await (const recorded of eventStore.readStream(nameOf(progressStream, readerId), range)) {
    const { data } = codec.decode(recorded);
    if (ids.has(data.entryId)) found.push(data);
  }
  return found;
}
