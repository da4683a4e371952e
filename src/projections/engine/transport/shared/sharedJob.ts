import type { RecordedEvent } from "../../../../event-store/types.ts";
import { type Batch, type BatchJson, type KeyedEvent, withKey } from "../../core/batch.ts";
import { type EventJson, eventFromJson, eventToJson } from "../../core/eventJson.ts";

/** Batches of one partition of several builds as the data of one job. An event that several of them contain is in it once. */
export type SharedJobJson = {
  readonly events: readonly EventJson[];
  readonly batches: readonly SharedBatchJson[];
};

/** `events`: the index of each event in the job; `keys`: its partition key in this build, null if it concerns every partition. */
type SharedBatchJson = Omit<BatchJson, "events"> & {
  readonly events: readonly number[];
  readonly keys: readonly (string | null)[];
};

export function sharedJobToJson(batches: readonly Batch[]): SharedJobJson {
  const events: EventJson[] = [];
  const places = new Map<bigint, number>();
  const placeOf = ({ key: _, ...event }: KeyedEvent) => {
    const known = places.get(event.position);
    if (known !== undefined) return known;
    places.set(event.position, events.length);
    return events.push(eventToJson(event)) - 1;
  };
  return {
    batches: batches.map(({ build, epoch, partition, after, upTo, events }) => ({
      ...{ build, epoch, partition, after: String(after) },
      upTo: { position: String(upTo.position), eventId: upTo.eventId },
      events: events.map(placeOf),
      keys: events.map(({ key }) => key ?? null),
    })),
    events,
  };
}

export function sharedJobFromJson(json: SharedJobJson): readonly Batch[] {
  const events = json.events.map((event) => eventFromJson(event));
  return json.batches.map(({ build, epoch, partition, after, upTo, events: places, keys }) => ({
    ...{ build, epoch, partition, after: BigInt(after) },
    upTo: { position: BigInt(upTo.position), eventId: upTo.eventId },
    events: places.map((place, index) => withKey(eventAt(events, place), keys[index] ?? undefined)),
  }));
}

function eventAt(events: readonly RecordedEvent[], place: number): RecordedEvent {
  const event = events[place];
  if (event === undefined) throw new Error("a batch names an event that its job does not contain");
  return event;
}
