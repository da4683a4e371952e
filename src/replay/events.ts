import type { HeimaEvent } from "../domain/streams.ts";
import { type Category, categoryOf } from "../domain/streams.ts";
import { type Codec, createCodec, InvalidEvent } from "../event-store/codec.ts";
import { inChunks } from "../event-store/inChunks.ts";
import type { DecodedEvent, EventStore, ReadDetail, RecordedEvent } from "../event-store/types.ts";

/** An event of ours, its data upcast to the current version and checked. */
export type ReplayedEvent = DecodedEvent<HeimaEvent>;

/** A part of the log: the events after `after` (undefined: from the beginning) up to `upTo`, which is included. */
export type LogRange = { readonly after: bigint | undefined; readonly upTo: bigint };

export type ReadOptions = LogRange & {
  readonly categories: readonly Category[];
  readonly detail?: ReadDetail;
  readonly signal?: AbortSignal;
  /** Called for each event that does not match its schema. Such an event is left out, as a read model would park it. */
  readonly onUnreadable?: OnUnreadable;
};

/** `why`: the part of the event that does not match its schema. */
export type OnUnreadable = (event: RecordedEvent, why: string) => void;

/**
 * Returns the event, upcast and checked; or undefined, after a call of `onUnreadable`, if it does not match its schema. Throws
 * UnknownEvent.
 */
export function decodeReadable(
  codec: Codec,
  event: RecordedEvent,
  onUnreadable?: OnUnreadable,
): ReplayedEvent | undefined {
  try {
    return codec.decode(event);
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    onUnreadable?.(event, error.message);
    return undefined;
  }
}

/**
 * The events of a range in the order of the log, upcast and checked, those of deleted streams too: until a scavenge they are in the
 * log. Who shows them to others leaves out those of erased readers (`readErasures`). Rejects as `EventStore.readAll`, and with
 * UnknownEvent for an event that a newer program wrote.
 */
export async function* readEvents(
  eventStore: Pick<EventStore, "readAll">,
  options: ReadOptions,
): AsyncGenerator<ReplayedEvent> {
  for await (const batch of readEventBatches(eventStore, { ...options, size: 1 })) yield* batch;
}

/** The same, `size` at a time or somewhat more; the last may be fewer. */
export async function* readEventBatches(
  eventStore: Pick<EventStore, "readAll">,
  options: ReadOptions & { readonly size: number },
): AsyncGenerator<readonly ReplayedEvent[]> {
  const { size, onUnreadable } = options;
  const codec: Codec = createCodec();
  let batch: ReplayedEvent[] = [];
  for await (const events of readArrivals(eventStore, options, size > 1)) {
    for (const event of events) {
      if (event.type.startsWith("$") || categoryOf(event.stream) === undefined) continue;
      const decoded = decodeReadable(codec, event, onUnreadable);
      if (decoded !== undefined) batch.push(decoded);
    }
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * The events of a range as they are recorded, the store's own included, as many at a time as have come: a promise for each event costs as
 * much as the JSON of one. With `gathers` those come too that arrive in the same turn of the event loop.
 */
export async function* readArrivals(
  eventStore: Pick<EventStore, "readAll">,
  { after, upTo, categories, detail = "all", signal }: ReadOptions,
  gathers: boolean,
): AsyncGenerator<readonly RecordedEvent[]> {
  const from = after === undefined ? {} : { fromPosition: after };
  const reading = eventStore.readAll({ categories, detail, ...from, ...(signal === undefined ? {} : { signal }) });
  for await (const arrived of inChunks(reading, gathers)) {
    const beyond = arrived.findIndex(({ position }) => position > upTo);
    const events = beyond < 0 ? arrived : arrived.slice(0, beyond);
    yield events[0]?.position === after ? events.slice(1) : events;
    if (beyond >= 0) return;
  }
}
