import { skipsStreamName } from "../../../domain/operations/streams.ts";
import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";

type Log = Pick<EventStore, "readStream">;
type Decoding = Pick<Codec, "decode">;

/** The ids of all events that operators skip in a read model: the log is the only source of truth. */
export async function readSkips(eventStore: Log, codec: Decoding, readModel: string): Promise<ReadonlySet<string>> {
  return new Set((await readSkipsById(eventStore, codec, readModel)).keys());
}

/** The position of an event that is skipped in a read model; undefined if it is not. */
export async function findSkip(
  eventStore: Log,
  codec: Decoding,
  readModel: string,
  eventId: string,
): Promise<bigint | undefined> {
  return (await readSkipsById(eventStore, codec, readModel)).get(eventId);
}

/** The skipped events with their positions. */
export async function readSkipsById(
  eventStore: Log,
  codec: Decoding,
  readModel: string,
): Promise<ReadonlyMap<string, bigint>> {
  const skipped = new Map<string, bigint>();
  for await (const recorded of eventStore.readStream(skipsStreamName)) {
    // Events that a newer release writes into the stream are ignored.
    if (recorded.type !== "ParkedEventSkipped") continue;
    const event = codec.decode(recorded);
    if (event.type !== "ParkedEventSkipped" || event.data.readModel !== readModel) continue;
    skipped.set(event.data.eventId, BigInt(event.data.position));
  }
  return skipped;
}
