import type { RecordedEvent } from "../../../event-store/types.ts";
import { type EventJson, eventFromJson, eventToJson } from "./eventJson.ts";

/** Position and id of a delivered event: the content of a checkpoint. The id reveals a replaced log. */
export type LogPoint = { readonly position: bigint; readonly eventId: string };

/** The position of an empty checkpoint: before the first event of the log, whose position may be 0. */
export const beforeTheLog = -1n;

/** An event of a batch with its partition key, computed by the dispatcher; undefined: it concerns every partition. */
export type KeyedEvent = RecordedEvent & { readonly key: string | undefined };

/** An event with its partition key. Written out: a spread with an additional field takes V8 microseconds. */
export function withKey(event: RecordedEvent, key: string | undefined): KeyedEvent {
  const { id, type, stream, revision, position, created, data, metadata } = event;
  return { id, type, stream, revision, position, created, data, metadata, key };
}

/**
 * The events that a partition must apply, in order: from `after` (exclusive) to `upTo`, which is always a delivered event, of
 * this partition or another. `epoch` is the id of the batch's epoch.
 */
export type Batch = {
  readonly build: string;
  readonly epoch: string;
  readonly partition: number;
  readonly after: bigint;
  readonly upTo: LogPoint;
  readonly events: readonly KeyedEvent[];
};

/** A batch as JSON in a job: positions are decimal strings. */
export type BatchJson = {
  readonly build: string;
  readonly epoch: string;
  readonly partition: number;
  readonly after: string;
  readonly upTo: { readonly position: string; readonly eventId: string };
  readonly events: readonly EventJson<KeyedEvent>[];
};

export function batchToJson(batch: Batch): BatchJson {
  return {
    build: batch.build,
    epoch: batch.epoch,
    partition: batch.partition,
    after: String(batch.after),
    upTo: { position: String(batch.upTo.position), eventId: batch.upTo.eventId },
    events: batch.events.map(eventToJson),
  };
}

export function batchFromJson(json: BatchJson): Batch {
  return {
    build: json.build,
    epoch: json.epoch,
    partition: json.partition,
    after: BigInt(json.after),
    upTo: { position: BigInt(json.upTo.position), eventId: json.upTo.eventId },
    events: json.events.map((event) => eventFromJson<KeyedEvent>(event)),
  };
}
