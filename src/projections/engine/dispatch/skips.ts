import { projectionsStream } from "../../../domain/operations/events.ts";
import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";

/** The ids of all events that operators skip in a read model: the log is the only truth about it. */
export async function readSkips(
  eventStore: Pick<EventStore, "readStream">,
  codec: Pick<Codec, "decode">,
  readModel: string,
): Promise<ReadonlySet<string>> {
  const skipped = new Set<string>();
  for await (const recorded of eventStore.readStream(projectionsStream)) {
    const event = codec.decode(recorded);
    if (event.type === "ParkedEventSkipped" && event.data.readModel === readModel) skipped.add(event.data.eventId);
  }
  return skipped;
}
