import { partitionKeyOf } from "../../../domain/partitionKeys.ts";
import { streams } from "../../../domain/streams.ts";
import { InvalidPosition } from "../../../event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../../event-store/types.ts";
import type { ReadModel } from "../core/declaration.ts";

/** The events of the log that have no partition key and change the rows that they find (`finds`): each partition applies them. */
export type KeylessEvents = {
  /**
   * Those after `after`, the position of an event, up to `upTo` (inclusive), in log order. Reads only what no earlier call has read, so one
   * reader serves many keys. Rejects as the event store does.
   */
  between(after: bigint, upTo: bigint): Promise<readonly RecordedEvent[]>;
};

/** `first`: the lowest position that is going to be asked for, so that whoever asks first does not make the others read again. */
export function openKeylessEvents(
  eventStore: Pick<EventStore, "readAll">,
  readModel: ReadModel,
  first?: bigint,
): KeylessEvents {
  const finds = (type: string) => Object.hasOwn(readModel.on, type) && readModel.on[type]?.finds !== undefined;
  const isKeyless = ({ stream, data }: RecordedEvent) =>
    partitionKeyOf(readModel.partitionKey, stream, data) === undefined;
  const categories = streams.filter(({ events }) => Object.keys(events).some(finds)).map(({ category }) => category);
  let known: { readonly from: bigint; readonly to: bigint; readonly events: readonly RecordedEvent[] } | undefined;
  let reading: Promise<unknown> = Promise.resolve();

  async function* readAfter(after: bigint): AsyncGenerator<RecordedEvent> {
    try {
      yield* eventStore.readAll({ categories, fromPosition: after, detail: "essential" });
    } catch (error) {
      // A scavenge may have removed a parked event: then the log is read from its beginning.
      if (!(error instanceof InvalidPosition)) throw error;
      yield* eventStore.readAll({ categories, detail: "essential" });
    }
  }

  const extend = async (after: bigint, upTo: bigint) => {
    const from = first !== undefined && first < after ? first : after;
    const before = known !== undefined && known.from <= after ? known : { from, to: from, events: [] };
    if (before.to >= upTo) return before;
    const events = [...before.events];
    let to = upTo;
    for await (const event of readAfter(before.to)) {
      if (event.position <= before.to) continue;
      if (event.position > to) to = event.position;
      if (finds(event.type) && isKeyless(event)) events.push(event);
    }
    known = { from: before.from, to, events };
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
