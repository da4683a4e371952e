import { nameOf } from "../../domain/streamNames.ts";
import { readerStreams } from "../../domain/streams.ts";
import { StreamDeleted } from "../../event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../event-store/types.ts";

type Reader = Pick<EventStore, "readStream">;

/** A stream of a reader. Iterating `events` reads it, as stored and in order. */
export type ReaderEvents = { readonly category: string; readonly events: AsyncIterable<RecordedEvent> };

/** All streams of a reader. An erased stream has no events. Iterating rejects when the event store does not answer. */
export function streamsOf(eventStore: Reader, readerId: string, signal?: AbortSignal): readonly ReaderEvents[] {
  return readerStreams.map((stream) => ({
    category: stream.category,
    events: readable(eventStore.readStream(nameOf(stream, readerId), signal === undefined ? {} : { signal })),
  }));
}

/** The events of all streams of a reader in log order, after the position `after`. Holds one event per stream in memory. */
export async function* readerEvents(
  eventStore: Reader,
  readerId: string,
  after: bigint | undefined = undefined,
): AsyncGenerator<RecordedEvent> {
  const readers = streamsOf(eventStore, readerId).map(({ events }) => events[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(readers.map((events) => events.next()));
    for (;;) {
      let first = -1;
      for (const [index, head] of heads.entries()) {
        if (head.done) continue;
        const known = heads[first];
        if (known === undefined || known.done || head.value.position < known.value.position) first = index;
      }
      const [head, events] = [heads[first], readers[first]];
      if (head === undefined || head.done || events === undefined) return;
      if (after === undefined || head.value.position > after) yield head.value;
      heads[first] = await events.next();
    }
  } finally {
    await Promise.all(readers.map((events) => events.return?.()));
  }
}

async function* readable(events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent> {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof StreamDeleted)) throw error;
  }
}
