import type { RecordedEvent } from "../../../../event-store/types.ts";
import { type Batch, type BatchJson, headFromJson, headToJson, type KeyedEvent, withKey } from "../../core/batch.ts";
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
  const placeOf = (keyed: KeyedEvent) => {
    const known = places.get(keyed.position);
    if (known !== undefined) return known;
    places.set(keyed.position, events.length);
    const { key: _, ...event } = keyed;
    return events.push(eventToJson(event)) - 1;
  };
  return {
    batches: batches.map((batch) => ({
      ...headToJson(batch),
      events: batch.events.map(placeOf),
      keys: batch.events.map(({ key }) => key ?? null),
    })),
    events,
  };
}

export function sharedJobFromJson(json: SharedJobJson): readonly Batch[] {
  const events = json.events.map((event) => eventFromJson(event));
  return json.batches.map(({ events: places, keys, ...head }) => ({
    ...headFromJson(head),
    events: places.map((place, index) => withKey(eventAt(events, place), keys[index] ?? undefined)),
  }));
}

function eventAt(events: readonly RecordedEvent[], place: number): RecordedEvent {
  const event = events[place];
  if (event === undefined) throw new Error("a batch names an event that its job does not contain");
  return event;
}
