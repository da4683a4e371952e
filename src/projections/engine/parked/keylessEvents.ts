import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import { streams } from "../../../domain/streams.ts";
import { InvalidPosition } from "../../../event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../../event-store/types.ts";
import { beforeTheLog } from "../core/batch.ts";
import type { ReadModel } from "../core/declaration.ts";
import { readUpTo } from "../log/readUpTo.ts";
import { defaultTiming } from "../timing.ts";

/** The events of the log that have no partition key and change the rows that they find (`finds`): each partition applies them. */
export type KeylessEvents = {
  /**
   * The events without a key after `after`, the position of an event, up to `upTo` (inclusive), in log order. Reads
   * only events that no earlier call has read, so one reader serves many keys. Rejects with LogBehind if the log ends
   * before `upTo`, or as the event store does.
   */
  between(after: bigint, upTo: bigint): Promise<readonly RecordedEvent[]>;
};

export type KeylessEventsOptions = {
  /** The lowest `after` of all calls to come, so that the first call reads far enough back for the others. */
  readonly first?: bigint | undefined;
  /** Ends a read, which rejects with the signal's reason: on a long log it takes minutes. */
  readonly signal?: AbortSignal;
  /** See `Timing.logLag`, the default. */
  readonly lagMs?: number;
};

/** A reader of these events for the retries of one read model. */
export function openKeylessEvents(
  eventStore: Pick<EventStore, "readAll" | "readLogEnd">,
  readModel: ReadModel,
  { first, signal, lagMs = defaultTiming.logLag }: KeylessEventsOptions = {},
): KeylessEvents {
  const looksUpRows = (type: string) => Object.hasOwn(readModel.on, type) && readModel.on[type]?.finds !== undefined;
  const isKeyless = ({ stream, data }: RecordedEvent) =>
    partitionKeyOf(readModel.partitionKey, stream, data) === undefined;
  const categories = streams
    .filter(({ events }) => Object.keys(events).some(looksUpRows))
    .map(({ category }) => category);
  let known: { readonly from: bigint; readonly readTo: bigint; readonly events: readonly RecordedEvent[] } | undefined;
  let reading: Promise<unknown> = Promise.resolve();

  /** Returns how far the log was read. */
  async function* readFrom(after: bigint, upTo: bigint): AsyncGenerator<RecordedEvent, bigint> {
    const options = { categories, upTo, lagMs, detail: "essential" as const, ...(signal && { signal }) };
    try {
      return yield* readUpTo(eventStore, { ...options, after });
    } catch (error) {
      // A scavenge may have removed a parked event: then the log is read from its beginning.
      if (!(error instanceof InvalidPosition)) throw error;
      return yield* readUpTo(eventStore, { ...options, after: beforeTheLog });
    }
  }

  const extend = async (after: bigint, upTo: bigint) => {
    const from = first !== undefined && first < after ? first : after;
    const before = known !== undefined && known.from <= after ? known : { from, readTo: from, events: [] };
    if (before.readTo >= upTo) return before;
    const events = [...before.events];
    // To the log's end, so that it is read once for all who ask.
    const end = (await eventStore.readLogEnd()) ?? upTo;
    const log = readFrom(before.readTo, end > upTo ? end : upTo);
    let next = await log.next();
    for (; next.done !== true; next = await log.next()) {
      const event = next.value;
      if (event.position > before.readTo && looksUpRows(event.type) && isKeyless(event)) events.push(event);
    }
    // An abort ends a read early without an error.
    signal?.throwIfAborted();
    known = { from: before.from, readTo: next.value, events };
    return known;
  };

  return {
    between(after, upTo) {
      if (categories.length === 0) return Promise.resolve([]);
      const read = reading.then(() => extend(after, upTo));
      reading = read.catch(() => undefined);
      return read.then(({ events }) => events.filter(({ position }) => position > after && position <= upTo));
    },
  };
}
