import type { RecordedEvent } from "../../../event-store/types.ts";
import { type EventJson, eventFromJson, eventToJson } from "./eventJson.ts";

/** A delivered event's place in the log and its id: what a checkpoint holds and what tells one log from another. */
export type LogPoint = { readonly position: bigint; readonly eventId: string };

/** The position of a checkpoint that has seen nothing: before the log's first event, which may stand at 0. */
export const beforeTheLog = -1n;

/** An event of a batch with its partition key, which the dispatcher computed; undefined: it concerns every partition. */
export type KeyedEvent = RecordedEvent & { readonly key: string | undefined };

/**
 * What one partition has to apply, in order: the events after `after` (exclusive) up to `upTo`, which is always a delivered
 * event, of this partition or another. `epoch` names the run of batches it is a link of.
 */
export type Batch = {
  readonly build: string;
  readonly epoch: string;
  readonly partition: number;
  readonly after: bigint;
  readonly upTo: LogPoint;
  readonly events: readonly KeyedEvent[];
};

/** A batch as JSON carries it in a job: positions as decimal strings. */
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
