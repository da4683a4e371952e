import type { RecordedEvent } from "../../../event-store/types.ts";
import { type Batch, type BatchJson, headFromJson, headToJson, type KeyedEvent, withKey } from "../core/batch.ts";
import { type EventJson, eventFromJson, eventToJson } from "../core/eventJson.ts";

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
  const indexes = new Map<bigint, number>();
  const indexOf = (keyed: KeyedEvent) => {
    const known = indexes.get(keyed.position);
    if (known !== undefined) return known;
    indexes.set(keyed.position, events.length);
    const { key: _, ...event } = keyed;
    return events.push(eventToJson(event)) - 1;
  };
  return {
    batches: batches.map((batch) => ({
      ...headToJson(batch),
      events: batch.events.map(indexOf),
      keys: batch.events.map(({ key }) => key ?? null),
    })),
    events,
  };
}

export function sharedJobFromJson(json: SharedJobJson): readonly Batch[] {
  const events = json.events.map((event) => eventFromJson(event));
  return json.batches.map(({ events: indexes, keys, ...head }) => ({
    ...headFromJson(head),
    events: indexes.map((index, nth) => withKey(eventAt(events, index), keys[nth] ?? undefined)),
  }));
}

function eventAt(events: readonly RecordedEvent[], index: number): RecordedEvent {
  const event = events[index];
  if (event === undefined) throw new Error("a batch names an event that its job does not contain");
  return event;
}
