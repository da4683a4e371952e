import type { DomainEvent, EventDefinitions } from "../../src/domain/event.ts";
import { allEvents } from "../../src/domain/events.ts";
import { partitionKeyOf } from "../../src/domain/partitionKeys.ts";
import { idOf } from "../../src/domain/streams.ts";
import { createCodec } from "../../src/event-store/codec.ts";
import type { DecodedEvent, RecordedEvent } from "../../src/event-store/types.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { Batch, KeyedEvent } from "../../src/projections/engine/core/batch.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import { defineReadModel, type ReadModel } from "../../src/projections/engine/core/declaration.ts";
import { partitionOf } from "../../src/projections/engine/core/partition.ts";
import type { Timing } from "../../src/projections/engine/timing.ts";

export const logger = createLogger("test", process.env.TEST_LOG_LEVEL ?? "silent");
export const codec = createCodec();

/** Numbers of builds without gaps, so that tests can spell their names. */
export const oneMore = (highest: number): number => highest + 1;

/** The engine's time-outs, short enough for tests. */
export const quick: Timing = {
  standstill: 300,
  watchEvery: 25,
  watchIdleEvery: 100,
  silence: 60_000,
  idle: 100,
  lingerBusy: 5,
  lingerIdle: { fromUtilisation: 0.6, fullUtilisation: 1, min: 1, max: 5 },
  retryFirst: 10,
  retryMost: 100,
  retryRefused: 100,
  logLag: 100,
  jobLock: 1_000,
  stalledEvery: 500,
  buildsEvery: 50,
  lease: 1_000,
  dropAfter: 100,
  takeOver: 1_000,
};

/** An event as returned by the store; unspecified fields have defaults. */
export function recorded(
  position: bigint,
  stream: string,
  event: DomainEvent,
  more: { readonly schemaVersion?: number; readonly created?: Date } = {},
): RecordedEvent {
  const { schemaVersion = currentVersion(event.type), created = new Date(1_767_225_600_000 + Number(position)) } = more;
  return {
    id: idAt(position),
    type: event.type,
    stream,
    revision: position,
    position,
    created,
    data: event.data,
    metadata: {
      commandId: "c0ffee00-0000-4000-8000-000000000000",
      commandHash: "0".repeat(64),
      correlationId: "c0ffee00-0000-4000-8000-000000000001",
      causationId: "c0ffee00-0000-4000-8000-000000000000",
      schemaVersion,
      occurredAt: "2026-01-01T00:00:00.000Z",
    },
  };
}

/** Events of tests that the domain does not have are of version 1. */
const currentVersion = (type: string) => (allEvents as EventDefinitions)[type]?.version ?? 1;

/** The id that `recorded` gives to the event at a position. */
export const idAt = (position: bigint) => `00000000-0000-4000-8000-${String(position).padStart(12, "0")}`;

export const point = (position: bigint) => ({ position, eventId: idAt(position) });

/** A book added to a reader's shelf: the simplest event. */
export const added = (position: bigint, reader: string, bookId = "hongloumeng0") =>
  recorded(position, `shelf-${reader}`, { type: "BookAddedToShelf", data: { bookId } });

/** An operator skips the event at `skipped` in a read model. */
export const skipOf = (position: bigint, skipped: bigint, readModel: string) =>
  recorded(position, "operations-projections", {
    type: "ParkedEventSkipped",
    data: { readModel, eventId: idAt(skipped), position: String(skipped), skippedBy: "operator", reason: "broken" },
  });

export const decoded = (event: RecordedEvent) => codec.decode(event) as DecodedEvent;

/** A batch of one partition that ends with its last event. */
export function batchOf(build: Build, partition: number, after: bigint, events: readonly RecordedEvent[]): Batch {
  const last = events.at(-1);
  if (last === undefined) throw new Error("a batch of a test has events");
  return {
    build: build.name,
    epoch: "epoch",
    partition,
    after,
    upTo: point(last.position),
    events: keyed(build, events),
  };
}

/** Events with the partition keys that the dispatcher gives them. */
export const keyed = ({ readModel }: Pick<Build, "readModel">, events: readonly RecordedEvent[]): KeyedEvent[] =>
  events.map((event) => ({ ...event, key: partitionKeyOf(readModel.partitionKey, event.stream, event.data) }));

/** Short reader ids, each of the partition that is its index. */
export function readersByPartition(partitions: number): readonly string[] {
  return Array.from({ length: partitions }, (_, partition) => {
    for (let number = 0; ; number++)
      if (partitionOf(`reader${number}`, partitions) === partition) return `reader${number}`;
  });
}

/**
 * Counts the books that each reader ever added: this reveals events that are applied twice or folded over a stale row. `onEvent` is
 * called when an event is folded; it may throw, or return the book to write down instead of the event's.
 */
export function tallyOf(
  name: string,
  onEvent: (event: DecodedEvent) => string | undefined = () => undefined,
): ReadModel {
  return defineReadModel({
    name,
    version: 1,
    partitionKey: "reader",
    categories: ["shelf"],
    tables: {
      tallies: { columns: { reader_id: "text", added: "int4", last_book: "text" }, primaryKey: ["reader_id"] },
    },
    on: {
      BookAddedToShelf: {
        keys: (event) => ({ tallies: [{ reader_id: idOf(event.stream) }] }),
        project: ({ tallies: [tally] }, event) => {
          const last_book = onEvent(event) ?? event.data.bookId;
          return { tallies: [{ reader_id: idOf(event.stream), added: (tally?.added ?? 0) + 1, last_book }] };
        },
      },
    },
  });
}
