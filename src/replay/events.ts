import { setImmediate as nextTurn } from "node:timers/promises";
import type { HeimaEvent } from "../domain/streams.ts";
import { type Category, categoryOf } from "../domain/streams.ts";
import { type Codec, createCodec } from "../event-store/codec.ts";
import type { DecodedEvent, EventStore, RecordedEvent } from "../event-store/types.ts";

/** An event of ours, its data upcast to the current version and checked. */
export type ReplayedEvent = DecodedEvent<HeimaEvent>;

/** A part of the log: the events after `after` (undefined: from the beginning) up to `upTo`, which is included. */
export type LogRange = { readonly after: bigint | undefined; readonly upTo: bigint };

export type ReadOptions = LogRange & { readonly categories: readonly Category[]; readonly signal?: AbortSignal };

/**
 * The events of a range in the order of the log, upcast and checked, those of deleted streams too: until a scavenge they are in the
 * log. Who shows them to others leaves out those of erased readers (`readErasures`). Rejects as `EventStore.readAll`, and with
 * UnknownEvent or InvalidEvent for an event that this program cannot read.
 */
export async function* readEvents(
  eventStore: Pick<EventStore, "readAll">,
  options: ReadOptions,
): AsyncGenerator<ReplayedEvent> {
  for await (const batch of readEventBatches(eventStore, { ...options, size: 1 })) yield* batch;
}

/**
 * The same, `size` at a time or somewhat more; the last may be fewer. What has come is taken at once: a promise for each event costs as
 * much as the JSON of one.
 */
export async function* readEventBatches(
  eventStore: Pick<EventStore, "readAll">,
  options: ReadOptions & { readonly size: number },
): AsyncGenerator<readonly ReplayedEvent[]> {
  const { after, upTo, categories, signal, size } = options;
  const codec: Codec = createCodec();
  const from = after === undefined ? {} : { fromPosition: after };
  const reading = eventStore.readAll({ categories, ...from, ...(signal === undefined ? {} : { signal }) });
  const iterator = reading[Symbol.asyncIterator]();
  let batch: ReplayedEvent[] = [];
  /** Whether the range goes on. */
  const take = (event: RecordedEvent): boolean => {
    if (event.position > upTo) return false;
    if (event.position !== after && !event.type.startsWith("$") && categoryOf(event.stream) !== undefined)
      batch.push(codec.decode(event));
    return true;
  };
  try {
    for (let goesOn = true; goesOn; ) {
      const came = await iterator.next();
      if (came.done) break;
      goesOn = take(came.value);
      if (goesOn && reading.takeReady !== undefined) {
        // More comes in this turn of the event loop.
        if (size > 1) await nextTurn();
        for (const event of reading.takeReady()) goesOn = goesOn && take(event);
      }
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  } finally {
    await iterator.return?.();
  }
  if (batch.length > 0) yield batch;
}
