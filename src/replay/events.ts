import type { HeimaEvent } from "../domain/streams.ts";
import { type Category, categoryOf } from "../domain/streams.ts";
import { type Codec, createCodec } from "../event-store/codec.ts";
import type { DecodedEvent, EventStore } from "../event-store/types.ts";

/** An event of ours, its data upcast to the current version and checked. */
export type ReplayedEvent = DecodedEvent<HeimaEvent>;

/** A part of the log: the events after `after` (undefined: from the beginning) up to `upTo`, which is included. */
export type LogRange = { readonly after: bigint | undefined; readonly upTo: bigint };

/**
 * The events of a range in the order of the log, upcast and checked, those of deleted streams too: until a scavenge they are in the
 * log. Who shows them to others leaves out those of erased readers (`readErasures`). Rejects as `EventStore.readAll`, and with
 * UnknownEvent or InvalidEvent for an event that this program cannot read.
 */
export async function* readEvents(
  eventStore: Pick<EventStore, "readAll">,
  options: LogRange & { readonly categories: readonly Category[]; readonly signal?: AbortSignal },
): AsyncGenerator<ReplayedEvent> {
  const { after, upTo, categories, signal } = options;
  const codec: Codec = createCodec();
  const from = after === undefined ? {} : { fromPosition: after };
  for await (const event of eventStore.readAll({ categories, ...from, ...(signal === undefined ? {} : { signal }) })) {
    if (event.position > upTo) return;
    if (event.position === after || event.type.startsWith("$") || categoryOf(event.stream) === undefined) continue;
    yield codec.decode(event);
  }
}
